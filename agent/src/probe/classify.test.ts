import { messageOf } from "@sightline/shared";
import { describe, expect, it } from "vitest";
import { certificateError, classify, type Stage, timeoutError } from "./classify.ts";
import { PROBE_ERRORS, ProbeError } from "./errors.ts";

const place = (stage: Stage) => ({ stage, host: "a.example", address: "a.example:443", timeout: "5s" });

function nodeError(code: string, syscall?: string): Error {
  return Object.assign(new Error(`canary ${code}`), { code }, syscall === undefined ? {} : { syscall });
}

describe("what Node reports", () => {
  it.each<[string, Stage, Error, string]>([
    ["a name that is not there", "dns", nodeError("ENOTFOUND", "getaddrinfo"), "DNS_NOT_FOUND"],
    ["a resolver that fails", "dns", nodeError("EAI_AGAIN", "getaddrinfo"), "DNS_FAILED"],
    ["a refusal", "connect", nodeError("ECONNREFUSED", "connect"), "CONNECT_REFUSED"],
    ["refusals of all addresses", "connect", new AggregateError([nodeError("ECONNREFUSED"), nodeError("ECONNREFUSED")]), "CONNECT_REFUSED"],
    ["the system's own time limit", "connect", nodeError("ETIMEDOUT", "connect"), "CONNECT_TIMEOUT"],
    ["no route", "connect", nodeError("EHOSTUNREACH", "connect"), "CONNECT_UNREACHABLE"],
    ["something else while connecting", "connect", nodeError("EADDRNOTAVAIL", "connect"), "CONNECT_FAILED"],
    ["a reset in the handshake", "tls", nodeError("ECONNRESET", "read"), "TLS_FAILED"],
    ["an alert", "tls", nodeError("ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR"), "TLS_FAILED"],
    ["a reset", "firstByte", nodeError("ECONNRESET", "read"), "CONNECTION_RESET"],
    ["a hang-up", "firstByte", nodeError("ECONNRESET"), "CONNECTION_CLOSED"],
    ["an early end", "transfer", nodeError("ECONNRESET"), "CONNECTION_CLOSED"],
    ["no HTTP", "firstByte", nodeError("HPE_INVALID_CONSTANT"), "INVALID_RESPONSE"],
    ["a header that cannot be sent", "firstByte", nodeError("ERR_INVALID_CHAR"), "INVALID_REQUEST"],
  ])("as %s has a name", (_what, stage, error, code) => {
    const named = classify(error, place(stage));
    expect(named.code).toBe(code);
    expect(named.message).not.toContain("canary");
    expect(named.message).not.toMatch(/[{}]|unknown$/);
  });

  it.each([
    ["CERT_HAS_EXPIRED", "TLS_EXPIRED"],
    ["CERT_NOT_YET_VALID", "TLS_NOT_YET_VALID"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "TLS_HOST_MISMATCH"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "TLS_UNTRUSTED"],
    ["CERT_REVOKED", "TLS_UNTRUSTED"],
  ])("of a certificate, %s, is %s", (reason, code) => expect(certificateError(reason, place("tls")).code).toBe(code));

  it("is CONNECT_TIMEOUT for a time that is up while connecting, TIMEOUT otherwise", () => {
    expect(timeoutError(place("connect")).message).toBe("no connection to a.example:443 within 5s");
    expect(timeoutError(place("dns"))).toMatchObject({ code: "TIMEOUT", message: "no complete response within 5s: it ended while resolving the host name" });
  });
});

describe("a sentence", () => {
  it("has at most 512 characters, whatever fills it", () => {
    for (const code of Object.keys(PROBE_ERRORS)) {
      const error: unknown = Reflect.construct(ProbeError, [code, Object.fromEntries(["host", "address", "reason", "sentence", "stage", "timeout", "max"].map((name) => [name, "x".repeat(1000)]))]);
      expect(error).toBeInstanceOf(ProbeError);
      expect(messageOf(error).length).toBeLessThanOrEqual(512);
    }
  });
});
