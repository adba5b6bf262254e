import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@sightline/shared";
import { AUTHORIZED_BY_ANNOTATION, parseClusterRegistration, parseHTTPMonitor, parseMonitorPolicy, parseNamespace } from "@sightline/shared/api";
import { newSigningKey } from "@sightline/shared/identity";
import { silentLogger } from "@sightline/shared/telemetry";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { issueAuthority, issueLeaf } from "../../../hub/src/admission/certificates/issue.ts";
import { REVIEW_PATHS } from "../../../hub/src/admission/configuration.ts";
import { AdmissionMetrics } from "../../../hub/src/admission/metrics.ts";
import { buildAdmissionServer } from "../../../hub/src/admission/server.ts";
import { ChainedAuditLog } from "../../../hub/src/audit/audit-log.ts";
import { FileSink } from "../../../hub/src/audit/file-sink.ts";
import { verify } from "../../../hub/src/audit/verify.ts";
import { CHECK_DEFAULTS } from "../../../hub/src/monitors/check.ts";
import { MonitorReviewer } from "../../../hub/src/security/reviewer.ts";
import { reviewedUseRights } from "../../../hub/src/security/rights/use-rights.ts";
import { AnsweringClient } from "../../../hub/src/testing/answering-client.ts";
import { FixedLister } from "../../../hub/src/testing/fixed-lister.ts";
import { emptyRegistry } from "../../../hub/src/testing/metrics.ts";
import { at } from "../../kit/json.ts";
import { hostileBytes, hostileJson } from "./hostile.ts";
import { review, SAMPLES } from "./samples.ts";
import { heapInUse, scrutinisedLater } from "./scrutiny.ts";

const RUNS = 500;
const MAX_GROWTH = 24 * 1024 * 1024;

/** A record of somebody's own making, for the annotation that is the hub's alone. */
const withRecord = (object: typeof SAMPLES.monitor): object => ({ ...object, metadata: { ...object.metadata, annotations: { ...SAMPLES.placement, [AUTHORIZED_BY_ANNOTATION]: JSON.stringify(SAMPLES.record) } } });
const { monitor, registration, policy } = SAMPLES;

/** What the API server may send: hostile objects in a review that is in order, and reviews that are not. */
const REVIEWS: Record<string, fc.Arbitrary<unknown>> = {
  "a new monitor": hostileJson(monitor).map((object) => review("HTTPMonitor", object)),
  "a changed monitor": fc.tuple(hostileJson(monitor), hostileJson(monitor)).map(([object, old]) => review("HTTPMonitor", object, old)),
  "a forged record": hostileJson(withRecord(monitor)).map((object) => review("HTTPMonitor", object, monitor)),
  "a cluster": hostileJson(registration).map((object) => review("ClusterRegistration", object, registration)),
  "a policy": hostileJson(policy).map((object) => review("MonitorPolicy", object)),
  "a review": hostileJson(review("HTTPMonitor", monitor, monitor)),
};

describe("F21 hostile input on the whole admission path", { retry: 0 }, () => {
  let dir: string;
  let audit: ChainedAuditLog;
  let server: ReturnType<typeof buildAdmissionServer>;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "sightline-fuzz-"));
    const { key } = newSigningKey("hub");
    audit = new ChainedAuditLog({ sink: new FileSink({ path: join(dir, "audit.log"), maxBytes: 1e9, keep: 0, clock: systemClock }), hub: { identity: "hub-0", version: "1" }, signing: key, clock: systemClock, logger: silentLogger });
    await audit.start();
    // The API server lets ann use one of two clusters.
    const client = new AnsweringClient(({ path, body }) => (path.endsWith("/subjectaccessreviews") ? { status: { allowed: at(body, "spec", "resourceAttributes", "name") === "eu-1" } } : SAMPLES.namespace));
    const eu = parseClusterRegistration(registration);
    const reviewer = new MonitorReviewer({
      client,
      audit,
      key,
      clock: systemClock,
      publicKeys: [key.publicKey],
      defaults: CHECK_DEFAULTS,
      hubUser: "system:serviceaccount:sightline-system:http-monitor-operator",
      registrations: new FixedLister([eu, { ...eu, metadata: { ...eu.metadata, name: "us-1" } }]),
      namespaces: new FixedLister([parseNamespace(SAMPLES.namespace)]),
      monitors: new FixedLister([parseHTTPMonitor(monitor)]),
      policies: new FixedLister([parseMonitorPolicy(policy)]),
      rights: reviewedUseRights({ client, clock: systemClock, rememberMs: 0 }),
    });
    const tls = await issueLeaf(await issueAuthority(Date.now()), ["hub"], Date.now());
    server = buildAdmissionServer({ logger: silentLogger, clock: systemClock, reviewer, metrics: new AdmissionMetrics(emptyRegistry()), tls, clientNames: [] });
    await server.ready();
  });
  afterAll(async () => {
    await server.close();
    await audit.close();
    await rm(dir, { recursive: true });
  });

  /** Sends a body to both webhooks. Whatever it is, the answer is a verdict on it, or that it is no review. */
  async function send(body: string | Buffer): Promise<unknown[]> {
    return await scrutinisedLater(async () => {
      const verdicts: unknown[] = [];
      for (const url of Object.values(REVIEW_PATHS)) {
        const { statusCode, payload } = await server.inject({ method: "POST", url, headers: { "content-type": "application/json" }, payload: body });
        expect([200, 400, 413]).toContain(statusCode);
        const answer: unknown = JSON.parse(payload);
        verdicts.push(statusCode === 200 ? verdictIn(answer) : at(answer, "error", "code"));
      }
      return verdicts;
    });
  }

  it("judges the samples that it then changes", async () => {
    expect(await send(JSON.stringify(review("HTTPMonitor", { ...monitor, metadata: { ...monitor.metadata, annotations: {} } })))).toEqual([true, 403]);
    expect(await send(JSON.stringify(review("MonitorPolicy", policy)))).toEqual([true, true]);
    expect(await send(JSON.stringify(review("HTTPMonitor", withRecord(monitor), monitor)))).toEqual([403, 403]);
  });

  it.each(Object.entries(REVIEWS))("gives a verdict on %s, within a second, and is never at a loss", async (_name, reviews) => {
    await fc.assert(
      fc.asyncProperty(reviews, async (body) => {
        const verdicts = await send(JSON.stringify(body) ?? "");
        expect(verdicts).not.toContain(500);
      }),
      { numRuns: RUNS },
    );
  });

  it("gives an answer to any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(hostileBytes(review("HTTPMonitor", monitor)), async (bytes) => {
        expect(await send(Buffer.from(bytes))).not.toContain(500);
      }),
      { numRuns: RUNS },
    );
  });

  async function feed(seed: number): Promise<void> {
    for (const reviews of Object.values(REVIEWS)) for (const body of fc.sample(reviews, { numRuns: 40, seed })) await send(JSON.stringify(body) ?? "");
  }

  it("leaves the memory as it was, and an audit log that is in order", async () => {
    await feed(1);
    const before = heapInUse();
    for (let round = 2; round < 5; round += 1) await feed(round);
    expect(heapInUse() - before).toBeLessThan(MAX_GROWTH);
    const log = await readFile(join(dir, "audit.log"));
    expect(verify([{ name: "audit.log", read: () => log }])).toHaveProperty("summary");
  });
});

/** `true`, or the code of a refusal. */
function verdictIn(answer: unknown): unknown {
  const allowed = at(answer, "response", "allowed");
  const patch = at(answer, "response", "patch");
  if (typeof patch === "string") expect(JSON.parse(Buffer.from(patch, "base64").toString())).toBeInstanceOf(Array);
  return allowed === true ? true : at(answer, "response", "status", "code");
}
