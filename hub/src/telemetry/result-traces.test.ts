import { formatTraceparent, inSpan, HeldTrace, newTrace, noTracer, spanFields } from "@sightline/shared/telemetry";
import { ManualClock, RecordingTracer } from "@sightline/shared/testing";
import { resultEvent } from "@sightline/shared/wire";
import { beforeEach, describe, expect, it } from "vitest";
import type { Acceptance } from "../results/store.ts";
import { CHECK, resultOf, UID } from "../results/testing.ts";
import { ResultTraces } from "./result-traces.ts";

const APPLIED: Acceptance = { kind: "applied", changed: true, failed: true };
const RESULT = resultOf({ success: false, statusCode: 500, error: { code: "UNEXPECTED_STATUS", message: "unexpected status code: got 500, expected 200" } });

const MONITOR = { "resource.namespace": RESULT.namespace, "resource.name": RESULT.name };

describe("a result's traces", () => {
  const clock = new ManualClock();
  let tracer: RecordingTracer;
  let traces: ResultTraces;
  beforeEach(() => {
    tracer = new RecordingTracer();
    traces = new ResultTraces({ tracer, clock, checkOf: () => CHECK });
  });

  const process = (probe = newTrace(true), acceptance: Acceptance = APPLIED): { probe: typeof probe; told: Acceptance[]; fields: object } => {
    const told: Acceptance[] = [];
    let fields = {};
    traces.process(resultEvent("eu-1", RESULT, formatTraceparent(probe)), () => acceptance, (heard) => {
      told.push(heard);
      fields = spanFields();
    });
    return { probe, told, fields };
  };

  it("go on from the probe: the event, the check in it, and the status write in that", () => {
    const { probe, told, fields } = process();
    const cause = traces.causeOf(UID);
    traces.updateStatus(cause)[Symbol.dispose]();
    const [event, check, write] = ["process_event", "http-check", "update-status"].map((name) => tracer.only(name));
    expect([event?.parent, check?.parent, write?.parent]).toEqual([probe, event?.context, check?.context]);
    expect(check?.attributes).toEqual({ ...MONITOR, "http.url": "https://shop.example.com/healthz", "http.expected_status": "200", "http.response_status": 500, "http.response_time": "12ms" });
    expect(check?.error?.code).toBe("UNEXPECTED_STATUS");
    expect(told).toEqual([APPLIED]);
    expect(fields).toEqual({ trace_id: probe.traceId, span_id: event?.context.spanId });
  });

  it("say of which monitor the event is", () => {
    process();
    expect(tracer.only("process_event").attributes).toEqual(MONITOR);
  });

  it("are none when the agent did not keep the probe's, or nothing is exported: the result is taken all the same", () => {
    expect(process(newTrace(false)).told).toEqual([APPLIED]);
    traces = new ResultTraces({ tracer: noTracer, clock, checkOf: () => CHECK });
    expect(process().told).toEqual([APPLIED]);
    expect([tracer.spans, traces.causeOf(UID)]).toEqual([[], undefined]);
  });

  it("say why a result was dropped, which is the cause of no write", () => {
    process(newTrace(true), { kind: "dropped", reason: "old" });
    expect(tracer.only("process_event").attributes).toEqual({ ...MONITOR, "result.dropped": "old" });
    expect(traces.causeOf(UID)).toBeUndefined();
  });

  it("lead to one write, by the newest result before it was decided", () => {
    process();
    const decided = traces.causeOf(UID);
    process();
    traces.written(UID, decided);
    const newer = traces.causeOf(UID);
    expect(newer).toBeDefined();
    expect(newer).not.toBe(decided);
    traces.written(UID, newer);
    expect(traces.causeOf(UID)).toBeUndefined();
    process();
    traces.forget(UID);
    expect(traces.causeOf(UID)).toBeUndefined();
  });

  it("link a write to the reconcile that makes it; a write that no result led to is the reconcile's child", () => {
    process();
    const reconcile = new HeldTrace(tracer, clock);
    inSpan(reconcile, () => {
      traces.updateStatus(traces.causeOf(UID))[Symbol.dispose]();
      traces.updateStatus(undefined)[Symbol.dispose]();
    });
    expect(tracer.only("update-status").links).toEqual([reconcile.context]);
    reconcile.end({ name: "reconcile", attributes: {} }, () => true);
    expect(tracer.spans.at(-1)).toMatchObject({ name: "update-status", parent: reconcile.context });
  });
});
