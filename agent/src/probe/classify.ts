import { ProbeError, type ProbeErrorCode } from "./errors.ts";

/** What a probe is doing. Its words complete the sentence of a TIMEOUT. */
export const STAGES = {
  dns: "resolving the host name",
  connect: "connecting",
  tls: "in the TLS handshake",
  firstByte: "waiting for the response",
  transfer: "reading the body",
} as const;

export type Stage = keyof typeof STAGES;

/** Where a failure happened: `address` is host:port, as the URL names them. */
export interface FailurePlace {
  stage: Stage;
  host: string;
  address: string;
  timeout: string;
}

/** The named error of anything that Node reports while a probe runs. */
export function classify(error: unknown, place: FailurePlace): ProbeError {
  if (error instanceof ProbeError) return error;
  const code = codeOf(error);
  return new ProbeError(nameOf(code, place.stage, isSystemCall(error)), { ...place, reason: REASONS[code] ?? code });
}

/** The error of a probe whose time is up. */
export function timeoutError(place: FailurePlace): ProbeError {
  return new ProbeError(place.stage === "connect" ? "CONNECT_TIMEOUT" : "TIMEOUT", { ...place, stage: STAGES[place.stage] });
}

/** The error of a certificate that did not pass. `reason` is OpenSSL's X509 verification code, as Node names it. */
export function certificateError(reason: string, place: FailurePlace): ProbeError {
  return new ProbeError(CERTIFICATE_CODES[reason] ?? "TLS_UNTRUSTED", { ...place, reason: REASONS[reason] ?? reason });
}

/** What a header that Node refuses to send is answered with: its name is in Node's message, so that is not repeated. */
const REASONS: Record<string, string> = {
  ERR_INVALID_CHAR: "a header holds a character that HTTP does not allow",
  ERR_INVALID_HTTP_TOKEN: "a header's name or the method is not an HTTP token",
  ERR_UNESCAPED_CHARACTERS: "the path holds a character that HTTP does not allow",
  HPE_HEADER_OVERFLOW: "its headers are larger than 64 KiB",
  SELF_SIGNED_CERT_IN_CHAIN: "its chain ends in an unknown certificate authority",
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is self-signed",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its issuer is unknown",
  UNABLE_TO_GET_ISSUER_CERT: "its issuer is unknown",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its issuer is unknown",
  ERR_SSL_WRONG_VERSION_NUMBER: "the server does not speak TLS",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "the server does not speak TLS",
};

const CERTIFICATE_CODES: Record<string, ProbeErrorCode> = {
  CERT_HAS_EXPIRED: "TLS_EXPIRED",
  CERT_NOT_YET_VALID: "TLS_NOT_YET_VALID",
  ERR_TLS_CERT_ALTNAME_INVALID: "TLS_HOST_MISMATCH",
  HOSTNAME_MISMATCH: "TLS_HOST_MISMATCH",
};

/** Node refuses to send such a request at all. */
const UNSENDABLE = new Set(["ERR_INVALID_CHAR", "ERR_INVALID_HTTP_TOKEN", "ERR_UNESCAPED_CHARACTERS"]);

const RESETS = new Set(["ECONNRESET", "EPIPE"]);

const CONNECT_CODES: Record<string, ProbeErrorCode> = {
  ENOTFOUND: "DNS_NOT_FOUND",
  ENODATA: "DNS_NOT_FOUND",
  ECONNREFUSED: "CONNECT_REFUSED",
  ETIMEDOUT: "CONNECT_TIMEOUT",
  EHOSTUNREACH: "CONNECT_UNREACHABLE",
  ENETUNREACH: "CONNECT_UNREACHABLE",
};

/** What a failure is called when its code alone does not name it. */
const STAGE_CODES: Record<Stage, ProbeErrorCode> = {
  dns: "DNS_FAILED",
  connect: "CONNECT_FAILED",
  tls: "TLS_FAILED",
  firstByte: "CONNECTION_CLOSED",
  transfer: "CONNECTION_CLOSED",
};

function nameOf(code: string, stage: Stage, systemCall: boolean): ProbeErrorCode {
  if (UNSENDABLE.has(code)) return "INVALID_REQUEST";
  if (code.startsWith("HPE_")) return "INVALID_RESPONSE";
  if (stage === "tls") return "TLS_FAILED";
  if (RESETS.has(code) && systemCall) return "CONNECTION_RESET";
  return CONNECT_CODES[code] ?? STAGE_CODES[stage];
}

/** Node's "socket hang up" has the code of a reset, but no system call: the peer closed in good order. */
function isSystemCall(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}

/** The stable code of an error; of several addresses that were tried, that of the last one. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors.at(-1));
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return "unknown reason";
}
