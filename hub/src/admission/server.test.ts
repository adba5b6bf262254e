import { ManualClock } from "@sightline/shared/testing";
import type { FastifyInstance } from "fastify";
import { Registry } from "prom-client";
import { beforeAll, describe, expect, it } from "vitest";
import { RecordingLogger } from "../testing/recording-logger.ts";
import { ALIVE_PATH } from "./alive.ts";
import { issueAuthority, issueLeaf } from "./certificates/issue.ts";
import type { KeyedCertificate } from "./certificates/material.ts";
import { REVIEW_PATHS } from "./configuration.ts";
import { AdmissionMetrics } from "./metrics.ts";
import { buildAdmissionServer } from "./server.ts";
import { REVIEW } from "./testing.ts";
import type { AdmissionRequest, Reviewer } from "./types.ts";

const JSON_BODY = { "content-type": "application/json" };
let [authority, leaf]: KeyedCertificate[] = [];

beforeAll(async () => {
  const now = new ManualClock().now();
  authority = await issueAuthority(now);
  leaf = await issueLeaf(authority, ["localhost"], now);
});

function serverOf({ clientCa = false, reviewer }: { clientCa?: boolean; reviewer?: Partial<Reviewer> } = {}): { server: FastifyInstance; registry: Registry; asked: AdmissionRequest[]; logger: RecordingLogger } {
  const [registry, asked, logger] = [new Registry(), [] as AdmissionRequest[], new RecordingLogger()];
  const allow: Reviewer["mutate"] = (request) => {
    asked.push(request);
    return Promise.resolve({ allowed: true });
  };
  const server = buildAdmissionServer({
    logger,
    clock: new ManualClock(),
    reviewer: { mutate: allow, validate: allow, ...reviewer },
    metrics: new AdmissionMetrics(registry),
    tls: { ...(leaf ?? { cert: "", key: "" }), ...(clientCa ? { clientCa: authority?.cert ?? "" } : {}) },
    clientNames: [],
  });
  return { server, registry, asked, logger };
}

describe("the admission server", () => {
  it("has each review judged by its own webhook, keeps no connection, and counts", async () => {
    const { server, registry, asked } = serverOf({ reviewer: { validate: () => Promise.resolve({ allowed: false, code: 403, reason: "authorization failed: no" }) } });
    const [mutated, validated] = await Promise.all([REVIEW_PATHS.mutate, REVIEW_PATHS.validate].map((url) => server.inject({ method: "POST", url, payload: REVIEW })));
    expect(mutated?.json()).toMatchObject({ kind: "AdmissionReview", response: { uid: REVIEW.request.uid, allowed: true } });
    expect(validated?.json()).toMatchObject({ response: { uid: REVIEW.request.uid, allowed: false, status: { code: 403, message: "authorization failed: no" } } });
    expect([mutated?.statusCode, mutated?.headers["connection"], asked.length]).toEqual([200, "close", 1]);
    expect(await registry.metrics()).toContain('sightline_admission_requests_total{operation="update",outcome="refused"} 1');
  });

  it.each<[string, string, number]>([
    ["nothing", "", 400],
    ["half a text", '{"kind":', 400],
    ["something else", "{}", 400],
    ["a prototype", `{"__proto__":{"allowed":true},"kind":"AdmissionReview"}`, 400],
    ["a prototype far down", JSON.stringify(REVIEW).replace('"spec":{', '"spec":{"__proto__":{"a":1},'), 400],
    ["more than it takes", `"${"x".repeat(9 * 1024 * 1024)}"`, 413],
  ])("answers %s with a sentence, and asks nobody", async (_what, payload, status) => {
    const { server, asked } = serverOf();
    const answer = await server.inject({ method: "POST", url: REVIEW_PATHS.validate, payload, headers: JSON_BODY });
    expect([answer.statusCode, asked]).toEqual([status, []]);
    expect(answer.json()).toMatchObject({ error: { code: expect.stringMatching(/^INVALID_/) as unknown, message: expect.stringMatching(/.+/) as unknown } });
  });

  it("takes objects as large as the API server stores", async () => {
    const { server, asked } = serverOf();
    const large = { ...REVIEW, request: { ...REVIEW.request, object: { text: "x".repeat(3 * 1024 * 1024) }, oldObject: { text: "x".repeat(3 * 1024 * 1024) } } };
    expect((await server.inject({ method: "POST", url: REVIEW_PATHS.mutate, payload: large })).statusCode).toBe(200);
    expect(asked).toHaveLength(1);
  });

  it("wants a client certificate where it knows the authority of one, but for a sign of life", async () => {
    const { server, asked } = serverOf({ clientCa: true });
    const answer = await server.inject({ method: "POST", url: REVIEW_PATHS.mutate, payload: REVIEW });
    expect([answer.statusCode, asked, answer.json()]).toMatchObject([401, [], { error: { message: "authentication failed: a client certificate of the API server is needed here" } }]);
    expect((await server.inject({ url: ALIVE_PATH })).statusCode).toBe(200);
  });

  it("says of every refusal who was refused what", async () => {
    const { server, logger } = serverOf({ reviewer: { mutate: () => Promise.resolve({ allowed: false, code: 422, reason: "security policy violation: x" }) } });
    await server.inject({ method: "POST", url: REVIEW_PATHS.mutate, payload: REVIEW });
    expect(logger.lines).toContainEqual({ level: "info", message: "A change was refused", fields: { review: "mutate", kind: "HTTPMonitor", namespace: "shop", name: "front", operation: "UPDATE", dry_run: true, code: 422, reason: "security policy violation: x" } });
  });
});
