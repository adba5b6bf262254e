import { describe, expect, it } from "vitest";
import { isServerNonce } from "./connection.ts";

describe("what a server may have signed by the key of an agent", () => {
  it("is what NATS makes for that", () => {
    for (const nonce of ["J2jtDrRNhfwn3nQ", "-_abcDEF0123456", "a"]) expect(isServerNonce(nonce)).toBe(true);
  });

  it("is never a message, a JWT or a head, which the same key or another of ours may sign", () => {
    for (const nonce of [undefined, "", "sightline message v1\nresults.3.eu-1\n{}", "sightline head v1", "eyJ0eXAi.eyJqdGki", `a${"b".repeat(64)}`, "a\n", "a b"]) expect(isServerNonce(nonce), nonce).toBe(false);
  });
});
