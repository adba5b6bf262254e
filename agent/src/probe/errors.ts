import { SightlineError } from "@sightline/shared";

/**
 * Every way in which a probe can fail, with its sentence. Listed in docs/reference/errors.md.
 * What stands in braces is filled in; it never holds a header's value or anything of a body.
 */
export const PROBE_ERRORS = {
  DNS_NOT_FOUND: "host name not found: {host}",
  DNS_FAILED: "the host name {host} could not be resolved: {reason}",
  CONNECT_REFUSED: "connection refused by {address}",
  CONNECT_TIMEOUT: "no connection to {address} within {timeout}",
  CONNECT_UNREACHABLE: "no route to {address}: {reason}",
  CONNECT_FAILED: "the connection to {address} failed: {reason}",
  CONNECTION_RESET: "the connection was reset by {address}",
  CONNECTION_CLOSED: "the connection was closed by {address} before the response was complete",
  TLS_EXPIRED: "the certificate of {address} has expired",
  TLS_NOT_YET_VALID: "the certificate of {address} is not valid yet",
  TLS_UNTRUSTED: "the certificate of {address} is not trusted: {reason}",
  TLS_HOST_MISMATCH: "the certificate of {address} was not issued for the host name asked for",
  TLS_FAILED: "the TLS handshake with {address} failed: {reason}",
  TIMEOUT: "no complete response within {timeout}: it ended while {stage}",
  UNEXPECTED_STATUS: "{sentence}",
  TOO_MANY_REDIRECTS: "more than {max} redirects",
  INVALID_REDIRECT: "redirected to something that is not an http or https URL",
  TARGET_DENIED: "target denied: {sentence}",
  SECRET_UNAVAILABLE: "{sentence}",
  INVALID_RESPONSE: "the response is not valid HTTP: {reason}",
  INVALID_REQUEST: "the request cannot be sent: {reason}",
} as const;

export type ProbeErrorCode = keyof typeof PROBE_ERRORS;

const MAX_MESSAGE_CHARACTERS = 512;

/** Why a probe failed. It is a result, not an error of the agent. */
export class ProbeError extends SightlineError<ProbeErrorCode> {
  override readonly name = "ProbeError";

  constructor(code: ProbeErrorCode, values: Record<string, string> = {}) {
    super(code, sentence(PROBE_ERRORS[code], values));
  }
}

function sentence(template: string, values: Record<string, string>): string {
  const text = template.replaceAll(/\{(\w+)\}/g, (_all, name: string) => values[name] ?? "unknown");
  return text.length <= MAX_MESSAGE_CHARACTERS ? text : `${text.slice(0, MAX_MESSAGE_CHARACTERS - 1)}…`;
}
