import { SightlineError } from "@sightline/shared";
import { silentLogger } from "@sightline/shared/telemetry";
import { ManualClock } from "@sightline/shared/testing";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { RecordingLogger } from "../testing/recording-logger.ts";
import { Controller, type ControllerOptions } from "./controller.ts";
import { KubeError } from "./errors.ts";
import { ControllerMetrics } from "./metrics.ts";
import type { Around, ReconcileResult } from "./types.ts";

type Run = (key: string, signal: AbortSignal) => Promise<ReconcileResult>;

function setUp(reconcile: Run, options: Partial<ControllerOptions> = {}): { clock: ManualClock; registry: Registry; controller: Controller } {
  const clock = new ManualClock();
  const registry = new Registry();
  const controller = new Controller({ name: "test", reconciler: { reconcile }, clock, logger: silentLogger, metrics: new ControllerMetrics(registry), ...options });
  controller.start();
  return { clock, registry, controller };
}

/** The samples of one metric whose value is not 0, as `label=value,… value`. */
async function samples(registry: Registry, name: string): Promise<string[]> {
  const metric = await registry.getSingleMetric(name)?.get();
  return (metric?.values ?? []).filter(({ value }) => value !== 0).map(({ labels, value }) => `${Object.values(labels).join(" ")} ${value}`);
}

class Refusal extends SightlineError<"NOPE"> {}

describe("a controller", () => {
  it("starts every result at 0", async () => {
    const { registry, controller } = setUp(() => Promise.resolve({}));
    const metric = await registry.getSingleMetric("controller_reconcile_total")?.get();
    expect(metric?.values.map(({ labels, value }) => [labels["result"], value])).toEqual([["success", 0], ["requeue", 0], ["error", 0], ["terminal", 0]]);
    await controller.stop();
  });

  it.each<[string, () => ReconcileResult, string, string | undefined]>([
    ["what returns as a success", () => ({}), "success", undefined],
    ["a planned later look as a success", () => ({ requeueAfterMs: 60_000 }), "success", undefined],
    ["work that must be done again as a requeue", () => ({ again: true, requeueAfterMs: 60_000 }), "requeue", undefined],
    ["a conflict as a requeue", () => fail(new KubeError("CONFLICT", "stale", { retryable: true })), "requeue", undefined],
    ["an error that may pass as an error", () => fail(new KubeError("UNAVAILABLE", "down", { retryable: true })), "error", "UNAVAILABLE"],
    ["an error that cannot pass as terminal", () => fail(new Refusal("NOPE", "never")), "terminal", "NOPE"],
    ["a bug as an error", () => fail(new TypeError("x is undefined")), "error", "UNEXPECTED"],
  ])("counts %s", async (_name, act, outcome, errorType) => {
    const { clock, registry, controller } = setUp(async () => Promise.resolve(act()));
    controller.enqueue("shop/a");
    await clock.advance(0);
    expect(await samples(registry, "controller_reconcile_total")).toEqual([`test shop ${outcome} 1`]);
    expect(await samples(registry, "controller_reconcile_errors_total")).toEqual(errorType === undefined ? [] : [`test shop ${errorType} 1`]);
    await controller.stop();
  });

  it("retries errors with back-off, never those that cannot pass, and forgets the back-off on success", async () => {
    const runs: string[] = [];
    let failing = true;
    const { clock, controller } = setUp((key) => {
      runs.push(key);
      if (key === "never") return fail(new Refusal("NOPE", "never"));
      return failing ? fail(new Error("down")) : Promise.resolve({});
    });
    controller.enqueue("a");
    controller.enqueue("never");
    await clock.advance(4);
    expect(runs).toEqual(["a", "never"]);
    await clock.advance(1);
    expect(runs).toEqual(["a", "never", "a"]);
    await clock.advance(9);
    expect(runs).toHaveLength(3);
    await clock.advance(1);
    expect(runs).toHaveLength(4);
    failing = false;
    await clock.advance(20);
    expect(runs).toHaveLength(5);
    failing = true;
    controller.enqueue("a");
    await clock.advance(5);
    expect(runs).toHaveLength(7);
    await controller.stop();
  });

  it("comes back when it was asked to, not sooner", async () => {
    let runs = 0;
    const { clock, controller } = setUp(() => Promise.resolve(++runs < 3 ? { requeueAfterMs: 30_000 } : {}));
    controller.enqueue("a");
    await clock.advance(29_999);
    expect(runs).toBe(1);
    await clock.advance(1);
    expect(runs).toBe(2);
    await clock.advance(300_000);
    expect(runs).toBe(3);
    await controller.stop();
  });

});

describe("a controller's workers", () => {
  it("run as many keys at once as they are told, and never one twice", async () => {
    const running = new Map<string, () => void>();
    let most = 0;
    const { clock, controller } = setUp(
      (key) => {
        expect(running.has(key)).toBe(false);
        return new Promise((resolve) => {
          running.set(key, () => resolve({}));
          most = Math.max(most, running.size);
        });
      },
      { concurrency: 3 },
    );
    for (const key of ["a", "b", "c", "d", "a", "e"]) controller.enqueue(key);
    await clock.advance(0);
    controller.enqueue("a");
    expect([...running.keys()]).toEqual(["a", "b", "c"]);
    const seen: string[] = [];
    while (running.size > 0) {
      for (const [key, end] of running.entries().toArray()) {
        running.delete(key);
        seen.push(key);
        end();
      }
      await clock.advance(0);
    }
    expect(most).toBe(3);
    expect(seen.toSorted()).toEqual(["a", "a", "b", "c", "d", "e"]);
    await controller.stop();
  });

  it("abort a run past its time, go on with other keys, and keep the slow key to itself until it has ended", async () => {
    const runs: string[] = [];
    const ends: (() => void)[] = [];
    const { clock, registry, controller } = setUp(
      (key, signal) => {
        runs.push(`${key} ${signal.aborted}`);
        if (key !== "slow") return Promise.resolve({});
        return new Promise((resolve) => ends.push(() => resolve({})));
      },
      { concurrency: 1, timeoutMs: 1000 },
    );
    controller.enqueue("slow");
    controller.enqueue("other");
    await clock.advance(999);
    expect(runs).toEqual(["slow false"]);
    await clock.advance(1);
    expect(runs).toEqual(["slow false", "other false"]);
    expect(await samples(registry, "controller_reconcile_errors_total")).toEqual(["test  RECONCILE_TIMEOUT 1"]);
    await clock.advance(60_000);
    expect(runs).toHaveLength(2);
    ends[0]?.();
    await clock.advance(0);
    expect(runs).toEqual(["slow false", "other false", "slow false"]);
    ends[1]?.();
    await controller.stop();
  });

  it("survive a reconciler that throws before it returns a promise", async () => {
    let runs = 0;
    const { clock, controller } = setUp(() => {
      runs += 1;
      throw new Error("at once");
    });
    controller.enqueue("a");
    await clock.advance(100);
    expect(runs).toBeGreaterThan(3);
    await controller.stop();
  });

  it("stop by aborting what runs", async () => {
    const { clock, controller } = setUp((_key, signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve({}))));
    controller.enqueue("a");
    await clock.advance(0);
    await controller.stop();
    expect(clock.pending).toBe(0);
  });

  it("show depth and leadership", async () => {
    const { clock, registry, controller } = setUp(() => new Promise(() => undefined), { concurrency: 1 });
    for (const key of ["a", "b", "c"]) controller.enqueue(key);
    await clock.advance(0);
    expect(await samples(registry, "controller_queue_depth")).toEqual(["test 2"]);
    expect(await samples(registry, "controller_leader_election_status")).toEqual(["test 1"]);
  });

  it("name the run and the key in their log lines", async () => {
    const logger = new RecordingLogger();
    const { clock, controller } = setUp(() => fail(new Refusal("NOPE", "never")), { logger });
    controller.enqueue("shop/a");
    await clock.advance(0);
    await controller.stop();
    expect(logger.lines).toMatchObject([{ message: "Reconcile failed", fields: { controller: "test", key: "shop/a", error_type: "NOPE", terminal: true } }]);
    expect(logger.lines[0]?.fields).toHaveProperty("reconcile_id", expect.stringMatching(/^[0-9a-f-]{36}$/));
  });
});

const breaking: Around = async (_run, reconcile) => {
  await reconcile();
  throw new Error("the layer broke");
};

const untilAborted: Run = (_key, signal) => new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));

describe("what stands around a controller's runs", () => {
  it("is passed through, the outermost first", async () => {
    const seen: string[] = [];
    const layer = (name: string): Around => async ({ controller, key }, reconcile) => {
      seen.push(`${name}: ${controller} begins ${key}`);
      const end = await reconcile();
      seen.push(`${name}: again in ${end.verdict.requeueAfterMs} ms`);
      return end;
    };
    const { clock, controller } = setUp(() => Promise.resolve({ requeueAfterMs: 7 }), { around: [layer("outer"), layer("inner")] });
    controller.enqueue("shop/a");
    await clock.advance(0);
    await controller.stop();
    expect(seen).toEqual(["outer: test begins shop/a", "inner: test begins shop/a", "inner: again in 7 ms", "outer: again in 7 ms"]);
  });

  it("is given the judged end, also of a run past its time, once a failure has been reported", async () => {
    const [logger, seen]: [RecordingLogger, unknown[]] = [new RecordingLogger(), []];
    const layer: Around = async (_run, reconcile) => {
      const end = await reconcile();
      seen.push([end.verdict, logger.messages]);
      return end;
    };
    const { clock, controller } = setUp(() => new Promise(() => undefined), { around: [layer], timeoutMs: 1000, logger });
    controller.enqueue("slow");
    await clock.advance(1000);
    expect(seen).toEqual([[{ outcome: "error", errorType: "RECONCILE_TIMEOUT" }, ["Reconcile failed"]]]);
  });

  it("takes what stopping breaks off for no failure", async () => {
    const seen: unknown[] = [];
    const layer: Around = async (_run, reconcile) => {
      const end = await reconcile();
      seen.push(end.verdict);
      return end;
    };
    const { clock, registry, controller } = setUp(untilAborted, { around: [layer] });
    controller.enqueue("a");
    await clock.advance(0);
    await controller.stop();
    expect(seen).toEqual([{ outcome: "requeue" }]);
    expect(await samples(registry, "controller_reconcile_errors_total")).toEqual([]);
  });

  it("may fail itself: that is reported, and the key comes again", async () => {
    const [logger, runs]: [RecordingLogger, string[]] = [new RecordingLogger(), []];
    const { clock, controller } = setUp(async (key) => (runs.push(key), {}), { around: [breaking], logger });
    controller.enqueue("a");
    await clock.advance(5);
    expect(runs).toEqual(["a", "a"]);
    expect(logger.lines[0]).toMatchObject({ message: "Reconcile failed", fields: { error: "the layer broke" } });
    await controller.stop();
  });
});

describe("the metrics of controllers", () => {
  it("are named and labelled as the contract says", async () => {
    const registry = new Registry();
    const metrics = new ControllerMetrics(registry);
    metrics.register("c", () => 4);
    metrics.cache("c", "httpmonitor", () => 7);
    metrics.reconciled({ controller: "c", namespace: "shop", outcome: "error", durationMs: 3, errorType: "UNAVAILABLE" });
    const text = await registry.metrics();
    for (const line of [
      'controller_reconcile_total{controller="c",namespace="shop",result="error"} 1',
      'controller_reconcile_total{controller="c",namespace="shop",result="success"} 0',
      'controller_reconcile_errors_total{controller="c",namespace="shop",error_type="UNAVAILABLE"} 1',
      'controller_reconcile_duration_seconds_bucket{le="0.002",controller="c",namespace="shop"} 0',
      'controller_reconcile_duration_seconds_bucket{le="0.004",controller="c",namespace="shop"} 1',
      'controller_queue_depth{controller="c"} 4',
      'controller_leader_election_status{controller="c"} 0',
      'controller_resource_cache_size{controller="c",resource_type="httpmonitor"} 7',
    ]) {
      expect(text).toContain(line);
    }
    expect(text.match(/duration_seconds_bucket/g)).toHaveLength(11);
    expect(text).toContain('le="0.512"');
  });
});

function fail(error: Error): never {
  throw error;
}
