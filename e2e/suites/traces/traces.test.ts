import { readFile } from "node:fs/promises";
import { afterAll, describe, expect, it } from "vitest";
import { logLines } from "../../kit/logs.ts";
import { monitor } from "../../kit/monitor.ts";
import type { SeenSpan } from "../../kit/spans.ts";
import { spansIn } from "../../kit/spans.ts";
import { withStage } from "../../kit/suite.ts";
import { answers } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";
import { needsCollector } from "../../sandbox/test-needs.ts";
import { openTracedStage, shapeOf, type TracedStage } from "./support.ts";

/** A change whose first probe fails, as a real collector gets to see it. */
describe("traces", () => {
  let stage: TracedStage;
  let first: SeenSpan;
  const probesOf = (spans: readonly SeenSpan[], path: string): SeenSpan[] => spans.filter(({ name, attributes }) => name === "perform-http-check" && attributes["http.url"] === stage.target.url(path));

  withStage(
    async () => (stage = await openTracedStage("eu-1:eu-west-1:production")),
    async ({ target, api }) => {
      target.behave("/good", answers(200));
      target.behave("/bad", answers(500));
      const spec = { interval: "1s", headers: { "X-Api-Key": "header-value-9876" } };
      await api.apply(monitor("changed", { ...spec, url: target.url("/good?token=query-value-1234") }));
      await api.untilVerdict("default/changed", "Healthy");
      await waitUntil({ what: "several probes of the good path", timeoutMs: 60_000 }, () => target.seen("/good").length >= 3);
      await api.patchMonitor("default/changed", { spec: { url: target.url("/bad?token=query-value-1234#part"), expectedStatuses: ["2xx", "301"] } });
      await api.untilVerdict("default/changed", "Unhealthy");
      first = await stage.untilTraced("the first probe of the bad path", (spans) => probesOf(spans, "/bad").find(({ parentSpanId }) => parentSpanId !== ""));
      await stage.untilTraced("its status write", (spans) => spans.some(({ name, traceId, failed }) => name === "update-status" && traceId === first.traceId && !failed));
      await stage.untilTraced("its reconcile", (spans) => spans.some(({ name, traceId }) => name === "reconcile" && traceId === first.traceId));
    },
    needsCollector,
  );

  it("follow a change under one trace ID from the hub to the agent, to the target, and back to the hub", async () => {
    const spans = await spansIn(stage.collector.traces);
    expect(shapeOf(spans, first.traceId)).toEqual(["fetch-resource < reconcile", "http-check < process_event", "perform-http-check < reconcile", "process_event < perform-http-check", "reconcile", "update-status < http-check"]);
    expect(stage.target.seen("/bad")[0]?.headers.traceparent).toBe(`00-${first.traceId}-${first.spanId}-01`);
    expect(new Set(spans.map(({ scope }) => scope))).toEqual(new Set(["multicluster-httpmonitor-controller"]));
  });

  it("say what was asked, where, and what came back", async () => {
    const spans = await spansIn(stage.collector.traces);
    const span = (name: string): SeenSpan | undefined => spans.find((candidate) => candidate.traceId === first.traceId && candidate.name === name);
    const checked = { "resource.namespace": "default", "resource.name": "changed", "http.url": stage.target.url("/bad"), "http.expected_status": "2xx,301", "http.response_status": 500, "error.type": "UNEXPECTED_STATUS" };
    expect(first).toMatchObject({ kind: 3, failed: true, attributes: { ...checked, "cluster.id": "eu-1", "cluster.region": "eu-west-1" } });
    expect(span("http-check")?.attributes).toEqual({ ...checked, "http.response_time": first.attributes["http.response_time"] });
    for (const name of ["http.response_time", "http.phase.first_byte"]) expect(first.attributes[name]).toMatch(/^[\d.]+(µs|ms|s)$/);
    expect(span("process_event")?.kind).toBe(5);
    expect(span("reconcile")?.attributes).toEqual({ controller: "multicluster-httpmonitor", "resource.name": "changed", "resource.namespace": "default" });
    expect(first.endMs).toBeGreaterThan(first.startMs);
  });

  it("name who made them", async () => {
    expect(first.resource).toMatchObject({ "service.name": "sightline-agent", "k8s.cluster.name": "eu-1" });
    expect(first.resource["service.version"]).toMatch(/^\d/);
    const reconcile = (await spansIn(stage.collector.traces)).find(({ name }) => name === "reconcile");
    expect(reconcile?.resource).toMatchObject({ "service.name": "sightline-hub" });
    expect(reconcile?.resource["service.instance.id"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("link later probes to the reconcile, and a status write to the reconcile that made it", async () => {
    const later = await stage.untilTraced("a later failure", (spans) => probesOf(spans, "/bad").find(({ parentSpanId }) => parentSpanId === ""));
    expect(later.traceId).not.toBe(first.traceId);
    expect(later.links).toEqual([{ traceId: first.traceId, spanId: first.parentSpanId }]);
    const write = await stage.untilTraced("the reconcile that wrote the status", (spans) => {
      const [link] = spans.find(({ name, traceId, failed }) => name === "update-status" && traceId === first.traceId && !failed)?.links ?? [];
      return spans.find(({ spanId }) => spanId === link?.spanId);
    });
    expect(write).toMatchObject({ name: "reconcile", attributes: { controller: "httpmonitor-status", "resource.name": "changed" } });
  });

  it("are kept of first probes and failures; of other successes none, where the ratio is 0", async () => {
    const good = probesOf(await spansIn(stage.collector.traces), "/good");
    expect(good.map(({ failed, parentSpanId }) => ({ failed, child: parentSpanId !== "" }))).toEqual([{ failed: false, child: true }]);
    const flags = stage.target.seen("/good").map(({ headers }) => String(headers.traceparent).slice(-2));
    expect(flags[0]).toBe("01");
    expect(new Set(flags.slice(1))).toEqual(new Set(["00"]));
  });

  it("hold no query of a URL and no value of a header", async () => {
    const text = await readFile(stage.collector.traces, "utf8");
    for (const secret of ["query-value-1234", "header-value-9876", "token", "#part"]) expect(text).not.toContain(secret);
  });

  it("are named by the log lines that belong to them", async () => {
    const lines = await logLines(stage.sandbox.part("hub-0"));
    const failure = lines.find(({ message }) => message === "HTTP check failed");
    expect(failure?.["trace_id"]).toBe(first.traceId);
    const completed = lines.findLast(({ message }) => message === "HTTPMonitor reconciliation completed");
    expect(completed).toMatchObject({ trace_id: first.traceId, span_id: first.parentSpanId });
  });

  it("are lost while the collector hangs, and nothing else is", async () => {
    await stage.collector.pause("otel-collector");
    stage.target.behave("/bad", answers(200));
    await stage.api.untilVerdict("default/changed", "Healthy");
    stage.target.behave("/bad", answers(500));
    await stage.api.untilVerdict("default/changed", "Unhealthy");
    const agent = stage.sandbox.part("agent-eu-1");
    await stage.sandbox.kill("agent-eu-1", "SIGTERM");
    const said = (await logLines(agent)).map(({ message }) => message);
    expect(said).toContain("The agent has stopped");
    expect(said).toContain("Spans were lost on the way to the collector");
  });

  afterAll(async () => await stage?.collector.resume("otel-collector").catch(() => undefined));
});
