import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newSealingKey, newSigningKey } from "../identity/mod.ts";
import {
  encodeEnrolRequest,
  encodeIdentityAnswer,
  encodeRenewRequest,
  type EnrolRequest,
  type IdentityAnswer,
  parseEnrolRequest,
  parseIdentityAnswer,
  parseRenewRequest,
  type RenewRequest,
} from "./enrolment.ts";
import { WireError } from "./errors.ts";

const nonce = "0123456789abcdefghijkl";
const renew: RenewRequest = { agentKey: newSigningKey("agent").key.publicKey, nonce, agentVersion: "1.0.0", sentAt: 1 };
const enrol: EnrolRequest = { ...renew, token: "a.b.c", connectionKey: newSigningKey("agent").key.publicKey, sealingKey: newSealingKey().key.publicKey };
const answer: IdentityAnswer = { nonce, state: "working", resting: "a.b.c", working: "d.e.f", hubKey: newSigningKey("hub").key.publicKey, hubSealingKey: enrol.sealingKey };

describe("messages of identity", () => {
  it("are read as they were written", () => {
    expect(parseEnrolRequest("eu-1", encodeEnrolRequest("eu-1", enrol))).toEqual(enrol);
    expect(parseRenewRequest("eu-1", encodeRenewRequest("eu-1", renew))).toEqual(renew);
    expect(parseIdentityAnswer("eu-1", encodeIdentityAnswer("eu-1", answer))).toEqual(answer);
  });

  it("are refused when they speak of another cluster than their subject, were its name a part of the other's", () => {
    for (const [said, came] of [["prod", "prod-eu"], ["prod-eu", "prod"], ["", "eu-1"]] as const) {
      expect(() => parseEnrolRequest(came, encodeEnrolRequest(said, enrol))).toThrow(said === "" ? WireError : "the message speaks of cluster");
      expect(() => parseRenewRequest(came, encodeRenewRequest(said, renew))).toThrow(WireError);
      expect(() => parseIdentityAnswer(came, encodeIdentityAnswer(said, answer))).toThrow(WireError);
    }
  });

  it("are not taken for each other", () => {
    expect(() => parseRenewRequest("eu-1", encodeEnrolRequest("eu-1", enrol))).toThrow("no processor for event type");
    expect(() => parseIdentityAnswer("eu-1", encodeRenewRequest("eu-1", renew))).toThrow("no processor for event type");
  });

  it("fail by a WireError, whatever comes", () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map((text) => new TextEncoder().encode(text))), (bytes) => {
        for (const parse of [parseEnrolRequest, parseRenewRequest, parseIdentityAnswer]) expect(() => parse("eu-1", bytes)).toThrow(WireError);
      }),
    );
  });

  it.each<[string, object]>([
    ["another kind of key", { agentKey: answer.hubKey }],
    ["a short nonce", { nonce: "abc" }],
    ["a JWT that is none", { token: "a b" }],
    ["a long version", { agentVersion: "x".repeat(65) }],
  ])("with %s are refused", (_name, change) => {
    expect(() => parseEnrolRequest("eu-1", encodeEnrolRequest("eu-1", { ...enrol, ...change }))).toThrow(WireError);
  });
});
