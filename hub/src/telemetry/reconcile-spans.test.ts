import { childSpan, currentSpan, keepTrace, type Logger, silentLogger } from "@sightline/shared/telemetry";
import { ManualClock, RecordingTracer } from "@sightline/shared/testing";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { Controller } from "../kube/controller.ts";
import { ControllerMetrics } from "../kube/metrics.ts";
import type { JudgedEnd, ReconcileResult } from "../kube/types.ts";
import { reconcileSpans } from "./reconcile-spans.ts";

const END: JudgedEnd = { result: { requeueAfterMs: 5 }, verdict: { outcome: "success", requeueAfterMs: 5 } };

function around(reconcile: () => Promise<JudgedEnd>, options: { key?: string; enabled?: boolean; chance?: number } = {}): { tracer: RecordingTracer; outcome: Promise<JudgedEnd> } {
  const tracer = new RecordingTracer(options.enabled);
  const layer = reconcileSpans({ tracer, clock: new ManualClock(), random: () => options.chance ?? 1, ratio: 0.5 });
  return { tracer, outcome: layer({ controller: "c", key: options.key ?? "shop/front" }, reconcile) };
}

const routine = (): Promise<JudgedEnd> => {
  using _span = childSpan("fetch-resource");
  return Promise.resolve(END);
};

describe("the span of a reconcile", () => {
  it("names the object, and leaves the outcome as it is", async () => {
    const { tracer, outcome } = around(routine, { chance: 0.4 });
    expect(await outcome).toBe(END);
    expect(tracer.names).toEqual(["reconcile", "fetch-resource"]);
    expect(tracer.only("reconcile")).toMatchObject({ attributes: { controller: "c", "resource.name": "front", "resource.namespace": "shop" } });
    const ofCluster = around(routine, { key: "eu-1", chance: 0 });
    await ofCluster.outcome;
    expect(ofCluster.tracer.only("reconcile").attributes).toEqual({ controller: "c", "resource.name": "eu-1" });
  });

  it.each<[string, () => Promise<JudgedEnd>, string | undefined]>([
    ["kept when it did something worth keeping", async () => (keepTrace(), END), "kept"],
    ["kept with its code when it failed", async () => ({ error: new Error("too many"), verdict: { outcome: "terminal", errorType: "TOO_MANY_CLUSTERS" } }), "TOO_MANY_CLUSTERS"],
    ["left to chance when it found nothing to do", routine, undefined],
    ["left to chance when its error counts as none, such as a conflict or an end of the work", async () => ({ error: new Error("changed"), verdict: { outcome: "requeue" } }), undefined],
  ])("is %s", async (_what, reconcile, kept) => {
    const { tracer, outcome } = around(reconcile, { chance: 0.6 });
    await outcome;
    expect(tracer.spans.map(({ error }) => error?.code ?? "kept")).toEqual(kept === undefined ? [] : [kept]);
  });

  it.each<[string, () => Promise<ReconcileResult>]>([
    ["fails", () => Promise.reject(new Error("down"))],
    ["takes too long", () => new Promise(() => undefined)],
  ])("is current when it is reported that the reconcile %s, and has that error", async (_what, reconcile) => {
    const [tracer, clock, registry] = [new RecordingTracer(), new ManualClock(), new Registry()];
    const reported: unknown[] = [];
    const logger: Logger = { ...silentLogger, error: () => void reported.push(currentSpan()), with: () => logger };
    const around = [reconcileSpans({ tracer, clock, random: () => 1, ratio: 0 })];
    const controller = new Controller({ name: "c", reconciler: { reconcile }, clock, logger, metrics: new ControllerMetrics(registry), around, timeoutMs: 1 });
    controller.start();
    controller.enqueue("shop/front");
    await clock.advance(1);
    expect(reported).toEqual([tracer.only("reconcile").context]);
    expect(tracer.only("reconcile").error).toBeDefined();
  });

  it("is current, for log lines and assignments, also where nothing is exported", async () => {
    let seen: unknown;
    const { tracer, outcome } = around(async () => ((seen = currentSpan()), END), { enabled: false, chance: 0 });
    await outcome;
    expect(seen).toMatchObject({ sampled: false });
    expect(tracer.spans).toEqual([]);
  });
});
