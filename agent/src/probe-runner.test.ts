import type { FinishedSpan } from "@sightline/shared/telemetry";
import { ManualClock } from "@sightline/shared/testing";
import { type Check, checkHash, parseResultBatch } from "@sightline/shared/wire";
import { describe, expect, it } from "vitest";
import type { ProbeOutcome, ProbeRequest } from "./probe/probe.ts";
import { ProbeRunner, type ScheduledCheck } from "./probe-runner.ts";

const UID = "00000000-0000-4000-8000-000000000001";
const RECONCILE = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
const OK: ProbeOutcome = { success: true, statusCode: 200, durationMs: 12, phases: { connect: 1 } };
const BAD: ProbeOutcome = { success: false, statusCode: 500, durationMs: 12, phases: {}, error: { code: "UNEXPECTED_STATUS", message: "unexpected status code: got 500, expected 200" } };

function item(url = "http://a/"): ScheduledCheck {
  const check: Check = { url, method: "GET", headers: {}, intervalMs: 1000, timeoutMs: 1000, expectedStatuses: ["200"], redirects: { follow: true, max: 10 }, connection: "Fresh" };
  return { uid: UID, intervalMs: 1000, traceparent: RECONCILE, assignment: { uid: UID, namespace: "shop", name: "cart", checkHash: checkHash(check), check, suspend: false } };
}

function bench(options: { current?: () => boolean; ratio?: number } = {}) {
  const clock = new ManualClock();
  const outcomes: (ProbeOutcome | undefined)[] = [];
  const requests: ProbeRequest[] = [];
  const spans: FinishedSpan[] = [];
  const events: { event: string; urgent: boolean; lingerMs: number }[] = [];
  const runner = new ProbeRunner({
    cluster: "eu-1",
    agentEpoch: 5,
    userAgent: "sightline-agent/1",
    traceRatio: options.ratio ?? 0,
    tracer: { enabled: true, export: (span) => void spans.push(span), close: () => Promise.resolve() },
    clock,
    random: () => 0.5,
    region: () => "eu-west-1",
    isCurrent: options.current ?? (() => true),
    onResult: () => undefined,
    secrets: { of: () => ({ values: {} }) },
    outbox: { add: (_uid, event, how) => void events.push({ event, ...how }) },
    prober: {
      forget: () => undefined,
      probe: (request) => {
        requests.push(request);
        return { outcome: Promise.resolve(outcomes.shift()), cancel: () => undefined };
      },
    },
  });
  const probe = async (outcome: ProbeOutcome | undefined, due: { first?: boolean; item?: ScheduledCheck } = {}): Promise<void> => {
    outcomes.push(outcome);
    await runner.start({ item: due.item ?? item(), scheduledAt: 1000, first: due.first ?? false }).done;
  };
  const results = () => parseResultBatch(Buffer.from(`[${events.map(({ event }) => event).join(",")}]`));
  return { runner, probe, events, requests, results, spans };
}

describe("a probe's result", () => {
  it("is a valid event, numbered in order", async () => {
    const { probe, results } = bench();
    await probe(OK);
    await probe(BAD);
    const { events, refused } = results();
    expect(refused).toEqual([]);
    expect(events.map(({ data }) => [data.agentEpoch, data.sequence, data.success])).toEqual([[5, 1, true], [5, 2, false]]);
  });

  it("is urgent when it is the first of a check, or another outcome than before", async () => {
    const { probe, events, runner } = bench();
    for (const outcome of [OK, OK, BAD, BAD, { ...BAD, statusCode: 503 }, OK]) await probe(outcome);
    await probe(OK, { item: item("http://b/") });
    runner.forget(UID);
    await probe(OK, { item: item("http://b/") });
    expect(events.map(({ urgent }) => urgent)).toEqual([true, false, true, false, true, true, true, true]);
  });

  it("waits for company for half an interval at most", async () => {
    const { probe, events } = bench();
    await probe(OK);
    expect(events[0]?.lingerMs).toBe(item().intervalMs / 2);
  });

  it("is none when the probe was cancelled, or its check is no longer the one to probe", async () => {
    const cancelled = bench();
    await cancelled.probe(undefined);
    const gone = bench({ current: () => false });
    await gone.probe(OK);
    expect([...cancelled.events, ...gone.events]).toEqual([]);
  });
});

describe("a probe's trace", () => {
  it("continues the reconcile's with the first probe, and is a new one afterwards", async () => {
    const { probe, requests, results } = bench();
    await probe(OK, { first: true });
    await probe(OK);
    const [first, second] = requests.map(({ own }) => own.traceparent);
    expect(first).toMatch(new RegExp(`^00-${"a".repeat(32)}-[0-9a-f]{16}-01$`));
    expect(first).not.toContain("b".repeat(16));
    expect(second).not.toContain("a".repeat(32));
    expect(results().events.map(({ traceparent }) => traceparent)).toEqual([first, second]);
  });

  it("is kept for failures, and for the chosen share of successes", async () => {
    const { probe, results } = bench({ ratio: 0.4 });
    await probe(OK);
    await probe(BAD);
    const kept = bench({ ratio: 0.6 });
    await kept.probe(OK);
    const flags = [...results().events, ...kept.results().events].map(({ traceparent }) => traceparent?.slice(-2));
    expect(flags).toEqual(["00", "01", "01"]);
  });

  it("is exported when it is over, as the target was told of it: a first probe as the reconcile's child, others linked to it", async () => {
    const { probe, requests, spans } = bench();
    await probe(OK, { first: true });
    await probe(OK);
    await probe(BAD);
    expect(spans.map(({ context: { traceId, spanId } }) => `${traceId}-${spanId}`)).toEqual([requests[0], requests[2]].map((request) => request?.own.traceparent.slice(3, -3)));
    const reconcile = { traceId: "a".repeat(32), spanId: "b".repeat(16), sampled: true };
    expect(spans.map(({ parent, links }) => ({ parent, links }))).toEqual([{ parent: reconcile }, { links: [reconcile] }]);
  });

  it("tells what the probe asked and found, and no query of its URL", async () => {
    const { probe, spans } = bench();
    await probe({ ...BAD, phases: { connect: 1.5, firstByte: 7 } }, { item: item("http://a:81/x?token=secret#y") });
    const span = spans[0];
    expect(span).toMatchObject({ name: "perform-http-check", kind: "client", error: { code: "UNEXPECTED_STATUS" } });
    expect(span?.attributes).toEqual({
      "cluster.id": "eu-1",
      "cluster.region": "eu-west-1",
      "resource.namespace": "shop",
      "resource.name": "cart",
      "http.url": "http://a:81/x",
      "http.expected_status": "200",
      "http.response_status": 500,
      "http.response_time": "12ms",
      "http.phase.connect": "1.5ms",
      "http.phase.first_byte": "7ms",
    });
    expect((span?.endMs ?? 0) - (span?.startMs ?? 0)).toBe(12);
  });
});
