import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AdmissionError } from "./errors.ts";
import { decodeReview } from "./decode.ts";
import { REVIEW } from "./testing.ts";

const { request } = REVIEW;

function review(change: object): object {
  return { ...REVIEW, request: { ...request, ...change } };
}

describe("an AdmissionReview", () => {
  it("is read as the API server sends it", () => {
    expect(decodeReview(REVIEW)).toEqual({
      uid: "7f0b2891-916f-4ed6-b7cd-27bff1815a8c",
      kind: "HTTPMonitor",
      operation: "UPDATE",
      namespace: "shop",
      name: "front",
      user: { name: "ann", uid: "42", groups: ["sre", "system:authenticated"], extra: { "authentication.kubernetes.io/credential-id": ["X509SHA256=1"] } },
      object: request.object,
      oldObject: request.oldObject,
      dryRun: true,
    });
  });

  it("may leave out what the API server leaves out", () => {
    const sent = { ...REVIEW, request: { uid: "1", kind: { kind: "MonitorPolicy" }, operation: "CREATE", userInfo: { username: "bob", groups: null, extra: null }, object: { metadata: { generateName: "p-" } }, oldObject: null } };
    expect(decodeReview(sent)).toMatchObject({ namespace: "", name: "", user: { name: "bob", uid: "", groups: [], extra: {} }, oldObject: undefined, dryRun: false });
  });

  it.each<[string, unknown, string]>([
    ["nothing", undefined, "the AdmissionReview must be object"],
    ["a text", "{}", "the AdmissionReview must be object"],
    ["another kind", { ...REVIEW, kind: "TokenReview" }, "kind must be equal to constant"],
    ["another version", { ...REVIEW, apiVersion: "admission.k8s.io/v1beta1" }, "apiVersion must be equal to constant"],
    ["no request", { ...REVIEW, request: undefined }, "must have required property 'request'"],
    ["a kind of others", review({ kind: { kind: "Secret" } }), "request.kind.kind must be equal to one of the allowed values"],
    ["a delete", review({ operation: "DELETE" }), "request.operation must be equal to one of the allowed values"],
    ["nobody who asks", review({ userInfo: {} }), "request.userInfo must have required property 'username'"],
    ["a user without a name", review({ userInfo: { username: "" } }), "request.userInfo.username must NOT have fewer than 1 characters"],
    ["groups that are none", review({ userInfo: { username: "a", groups: [1] } }), "request.userInfo.groups.0 must be string"],
    ["no object", review({ object: null }), "request.object must be object"],
    ["a dry run that is neither", review({ dryRun: "yes" }), "request.dryRun must be boolean,null"],
  ])("of %s is refused with the place", (_what, sent, sentence) => {
    expect(() => decodeReview(sent)).toThrow(sentence);
  });

  it("of whatever shape is read or refused, and nothing else happens", () => {
    const request = fc.record({ uid: fc.anything(), kind: fc.anything(), operation: fc.constantFrom("CREATE", "UPDATE", "DELETE", 7), userInfo: fc.anything(), object: fc.anything(), dryRun: fc.anything() }, { requiredKeys: [] });
    const sent = fc.oneof(fc.anything(), fc.record({ apiVersion: fc.constant("admission.k8s.io/v1"), kind: fc.constant("AdmissionReview"), request: fc.oneof(request, fc.anything()) }));
    fc.assert(fc.property(sent, (body) => {
      try {
        decodeReview(body);
      } catch (error) {
        expect(error).toBeInstanceOf(AdmissionError);
      }
    }));
  });
});
