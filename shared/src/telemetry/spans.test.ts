import { describe, expect, it } from "vitest";
import { SightlineError } from "../errors.ts";
import { ManualClock, RecordingTracer } from "../testing/mod.ts";
import { withoutQuery } from "./check-attributes.ts";
import { childSpan, currentSpan, inSpan, keepTrace, spanFields } from "./current-span.ts";
import { HeldTrace } from "./held-trace.ts";
import { openSpan, spanning, spanTime } from "./open-span.ts";
import { resourceAttributes } from "./resource.ts";
import { newTrace } from "./trace-context.ts";

const never = (): boolean => false;

describe("a trace that is held back", () => {
  const end = { name: "root", attributes: { a: 1 } };

  it.each<[string, { kept: boolean; work?: () => void; error?: { code: string }; chance?: () => boolean }]>([
    ["kept when its work says so", { kept: true, work: keepTrace }],
    ["kept when it failed", { kept: true, error: { code: "X" } }],
    ["kept by chance", { kept: true, chance: () => true }],
    ["dropped otherwise, with its children", { kept: false }],
  ])("is %s", (_what, { kept, work, error, chance = never }) => {
    const tracer = new RecordingTracer();
    const trace = new HeldTrace(tracer, new ManualClock());
    inSpan(trace, () => {
      using _child = childSpan("child");
      work?.();
    });
    trace.end({ ...end, ...(error === undefined ? {} : { error }) }, chance);
    expect(tracer.names).toEqual(kept ? ["root", "child"] : []);
  });

  it("has its children in its own trace, with times that go on evenly when the clock is set", async () => {
    const [tracer, clock] = [new RecordingTracer(), new ManualClock(5000)];
    const trace = new HeldTrace(tracer, clock);
    await clock.advance(10);
    const child = trace.child("child");
    clock.jump(-3000);
    await clock.advance(20);
    child.set({ b: true });
    child[Symbol.dispose]();
    trace.end(end, () => true);
    expect(tracer.only("root")).toMatchObject({ startMs: 5000, endMs: 5030, context: trace.context });
    expect(tracer.only("child")).toMatchObject({ startMs: 5010, endMs: 5030, parent: trace.context, attributes: { b: true }, context: { traceId: trace.context.traceId } });
  });

  it("records nothing where nothing is exported, and still has an identity for log lines", () => {
    const tracer = new RecordingTracer(false);
    const trace = new HeldTrace(tracer, new ManualClock());
    const fields = inSpan(trace, () => {
      using _child = childSpan("child");
      return spanFields();
    });
    trace.end(end, () => true);
    expect(tracer.spans).toEqual([]);
    expect(fields).toEqual({ trace_id: trace.context.traceId, span_id: trace.context.spanId });
    expect(trace.context.sampled).toBe(false);
  });
});

describe("the current span", () => {
  it("is that of the code that awaits, however many run side by side, and none outside", async () => {
    const traces = [1, 2, 3].map(() => new HeldTrace(new RecordingTracer(), new ManualClock()));
    const seen = await Promise.all(traces.map((trace) => inSpan(trace, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return currentSpan();
    })));
    expect(seen).toEqual(traces.map(({ context }) => context));
    expect([currentSpan(), spanFields()]).toEqual([undefined, {}]);
    using nobody = childSpan("child");
    expect(() => nobody.fail({ code: "X" })).not.toThrow();
  });
});

describe("a span around work", () => {
  it("fails with the work, by the error's code, and ends once", async () => {
    const tracer = new RecordingTracer();
    const start = { name: "work", kind: "internal", context: newTrace(true) } as const;
    const span = openSpan(start, spanTime(new ManualClock()), (ended) => tracer.export(ended));
    const refused = new SightlineError("REFUSED", "no");
    await expect(spanning(span, () => Promise.reject(refused))).rejects.toBe(refused);
    span[Symbol.dispose]();
    expect(tracer.only("work").error).toEqual({ code: "REFUSED", message: "no" });
  });
});

describe("a URL in a span", () => {
  it.each([
    ["http://a/x?token=1#y", "http://a/x"],
    ["https://user:pass@a:81", "https://a:81/"],
    ["http://[::1]:8080/?q", "http://[::1]:8080/"],
    ["not a URL?token=1", ""],
  ])("%s is %j", (text, expected) => expect(withoutQuery(text)).toBe(expected));
});

describe("the resource of spans", () => {
  it("names the program, the cluster, and the pod where there is one", () => {
    const env = { POD_NAME: "agent-0", POD_NAMESPACE: "sightline", POD_UID: "u", NODE_NAME: "n" };
    expect(resourceAttributes({ name: "sightline-agent", version: "1.2.3", cluster: "eu-1" }, env)).toEqual({
      "service.name": "sightline-agent",
      "service.version": "1.2.3",
      "service.instance.id": "sightline.agent-0.sightline-agent",
      "k8s.cluster.name": "eu-1",
      "k8s.pod.name": "agent-0",
      "k8s.pod.uid": "u",
      "k8s.namespace.name": "sightline",
      "k8s.node.name": "n",
    });
  });

  it("has another instance in each process elsewhere", () => {
    const [one, other] = [1, 2].map(() => resourceAttributes({ name: "sightline-hub", version: "1" }, {}));
    expect(one?.["service.instance.id"]).not.toBe(other?.["service.instance.id"]);
    expect(Object.keys(one ?? {})).toEqual(["service.name", "service.version", "service.instance.id"]);
  });
});
