import { ManualClock } from "@sightline/shared/testing";
import { describe, expect, it } from "vitest";
import { ObjectError } from "@sightline/shared/api";
import { auditUnavailable } from "../audit/errors.ts";
import { KubeError } from "../kube/errors.ts";
import { authorizationFailed } from "../security/errors.ts";
import { RecordingLogger } from "../testing/recording-logger.ts";
import { answerReview } from "./answer.ts";
import { decodeReview } from "./decode.ts";
import { judge, REVIEW_LIMIT_MS } from "./judge.ts";
import { REVIEW } from "./testing.ts";
import type { AdmissionVerdict } from "./types.ts";

const request = decodeReview(REVIEW);
const ALLOWED: AdmissionVerdict = { allowed: true };

function judged(review: Parameters<typeof judge>[0], clock = new ManualClock()): { judgement: ReturnType<typeof judge>; clock: ManualClock; logger: RecordingLogger } {
  const logger = new RecordingLogger();
  return { judgement: judge(review, request, { clock, logger }), clock, logger };
}

describe("a review", () => {
  it("is answered as the reviewer says, and leaves no timer behind", async () => {
    const { judgement, clock } = judged(() => Promise.resolve(ALLOWED));
    expect(await judgement).toEqual({ verdict: ALLOWED, outcome: "allowed" });
    expect(clock.pending).toBe(0);
    const refusal: AdmissionVerdict = { allowed: false, code: 422, reason: "security policy violation: no" };
    expect(await judged(() => Promise.resolve(refusal)).judgement).toEqual({ verdict: refusal, outcome: "refused" });
  });

  it.each<[string, unknown, object]>([
    ["that a right is missing", authorizationFailed("ann may not"), { verdict: { allowed: false, code: 403, reason: "authorization failed: ann may not" }, outcome: "refused" }],
    ["that the audit log cannot be written", auditUnavailable("ENOSPC"), { verdict: { allowed: false, code: 503, reason: "authorization failed: the audit log cannot be written, so nothing is permitted: ENOSPC" }, outcome: "failed" }],
    ["that it cannot be read", new ObjectError("INVALID_OBJECT", "HTTPMonitor.spec must be object"), { verdict: { allowed: false, code: 422, reason: "authorization failed: what the hub cannot read cannot be judged: HTTPMonitor.spec must be object" }, outcome: "failed" }],
    ["that the API server cannot be asked", new KubeError("TIMEOUT", "failed to review an access: slow"), { verdict: { allowed: false, code: 503 }, outcome: "failed" }],
    ["anything else", new TypeError("x is undefined"), { verdict: { allowed: false, code: 500 }, outcome: "failed" }],
  ])("is a refusal when the reviewer throws %s", async (_what, error, expected) => {
    const { judgement, logger } = judged(() => Promise.reject(error));
    const { verdict, outcome } = await judgement;
    expect({ verdict, outcome }).toMatchObject(expected);
    expect(verdict).toMatchObject({ reason: expect.stringMatching(/^authorization failed: /) as unknown });
    expect(logger.lines.length).toBe(outcome === "failed" ? 1 : 0);
  });

  it("is a refusal when the reviewer throws before it waits", async () => {
    const { judgement } = judged(() => {
      throw new Error("at once");
    });
    expect(await judgement).toMatchObject({ outcome: "failed" });
  });

  it("is a refusal with advice after the limit, and whatever it still does is ended", async () => {
    let ended = false;
    const { judgement, clock, logger } = judged((_request, signal) => {
      signal.addEventListener("abort", () => (ended = true));
      return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("ended"))));
    });
    await clock.advance(REVIEW_LIMIT_MS);
    expect(await judgement).toMatchObject({ verdict: { allowed: false, code: 504, reason: expect.stringContaining("apply it again") as unknown }, outcome: "failed" });
    expect([ended, logger.lines]).toEqual([true, []]);
  });
});

function answer(verdict: AdmissionVerdict): object {
  return answerReview("u-1", verdict, "r-1");
}

describe("an answer", () => {
  it("carries the patch, the warnings, and the request's id for the API server's audit log", () => {
    expect(answer({ allowed: true, patch: [{ op: "add", path: "/metadata/annotations", value: {} }], warnings: ["w".repeat(300)] })).toEqual({
      apiVersion: "admission.k8s.io/v1",
      kind: "AdmissionReview",
      response: { uid: "u-1", allowed: true, patchType: "JSONPatch", patch: Buffer.from('[{"op":"add","path":"/metadata/annotations","value":{}}]').toString("base64"), warnings: ["w".repeat(256)], auditAnnotations: { "request-id": "r-1" } },
    });
    expect(answer({ allowed: true })).toMatchObject({ response: { uid: "u-1", allowed: true } });
    expect(answer({ allowed: true, patch: [] })).not.toHaveProperty("response.patchType");
  });

  it("tells a refusal as the API server's own errors are told", () => {
    expect(answer({ allowed: false, code: 403, reason: "authorization failed: no" })).toMatchObject({ response: { allowed: false, status: { status: "Failure", code: 403, reason: "Forbidden", message: "authorization failed: no" } } });
  });
});
