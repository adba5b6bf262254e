import { SightlineError } from "@sightline/shared";
import { childSpan, currentSpan, keepTrace } from "@sightline/shared/telemetry";
import { ManualClock, RecordingTracer } from "@sightline/shared/testing";
import { describe, expect, it } from "vitest";
import { KubeError } from "../kube/errors.ts";
import type { ReconcileResult } from "../kube/types.ts";
import { reconcileSpans } from "./reconcile-spans.ts";

function around(reconcile: () => Promise<ReconcileResult>, options: { key?: string; enabled?: boolean; chance?: number } = {}): { tracer: RecordingTracer; outcome: Promise<ReconcileResult> } {
  const tracer = new RecordingTracer(options.enabled);
  const layer = reconcileSpans({ tracer, clock: new ManualClock(), random: () => options.chance ?? 1, ratio: 0.5 });
  return { tracer, outcome: layer({ controller: "c", key: options.key ?? "shop/front" }, reconcile) };
}

const routine = (): Promise<ReconcileResult> => {
  using _span = childSpan("fetch-resource");
  return Promise.resolve({ requeueAfterMs: 5 });
};

describe("the span of a reconcile", () => {
  it("names the object, and leaves the outcome as it is", async () => {
    const { tracer, outcome } = around(routine, { chance: 0.4 });
    expect(await outcome).toEqual({ requeueAfterMs: 5 });
    expect(tracer.names).toEqual(["reconcile", "fetch-resource"]);
    expect(tracer.only("reconcile")).toMatchObject({ attributes: { controller: "c", "resource.name": "front", "resource.namespace": "shop" } });
    const ofCluster = around(routine, { key: "eu-1", chance: 0 });
    await ofCluster.outcome;
    expect(ofCluster.tracer.only("reconcile").attributes).toEqual({ controller: "c", "resource.name": "eu-1" });
  });

  it.each<[string, () => Promise<ReconcileResult>, string | undefined]>([
    ["kept when it did something worth keeping", async () => (keepTrace(), {}), "kept"],
    ["kept with its code when it failed", () => Promise.reject(new SightlineError("TOO_MANY_CLUSTERS", "too many")), "TOO_MANY_CLUSTERS"],
    ["left to chance when it found nothing to do", routine, undefined],
    ["left to chance when it met a conflict, which is no failure", () => Promise.reject(new KubeError("CONFLICT", "changed", { retryable: true })), undefined],
  ])("is %s", async (_what, reconcile, kept) => {
    const { tracer, outcome } = around(reconcile, { chance: 0.6 });
    await outcome.catch(() => undefined);
    expect(tracer.spans.map(({ error }) => error?.code ?? "kept")).toEqual(kept === undefined ? [] : [kept]);
  });

  it("is current, for log lines and assignments, also where nothing is exported", async () => {
    let seen: unknown;
    const { tracer, outcome } = around(async () => ((seen = currentSpan()), {}), { enabled: false, chance: 0 });
    await outcome;
    expect(seen).toMatchObject({ sampled: false });
    expect(tracer.spans).toEqual([]);
  });
});
