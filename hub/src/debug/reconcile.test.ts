import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@sightline/shared/testing";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KubeError } from "../kube/errors.ts";
import type { JudgedEnd, ReconcileEnd } from "../kube/types.ts";
import { RecordingLogger } from "../testing/recording-logger.ts";
import { profileName, reconcileCost } from "./reconcile-cost.ts";
import { ReconcileInspector } from "./reconcile-inspector.ts";

const judged = (end: ReconcileEnd): JudgedEnd => ({ ...end, verdict: { outcome: "success" } });

const STACK: unknown = expect.stringContaining("reconcile.test");
const BEFORE = { at: 1000, memory: 5000, collections: 3, handles: 9 };
const AFTER = { at: 1012.5, memory: 4000, collections: 5, handles: 7 };
const FIGURES = { duration: "12.5ms", memory_before: 5000, memory_after: 4000, memory_delta: -1000, gc_cycles: 2, active_handles: 7 };

describe("what a reconcile cost", () => {
  it.each([
    ["a success", { result: {} }, { result_requeue: false, result_requeue_after: "0s", error: null }],
    ["a later look", { result: { requeueAfterMs: 30_000 } }, { result_requeue: false, result_requeue_after: "30s", error: null }],
    ["what is to be done again", { result: { again: true, requeueAfterMs: 1000 } }, { result_requeue: true, result_requeue_after: "1s", error: null }],
    ["a failure", { error: new KubeError("FORBIDDEN", "failed to patch") }, { result_requeue: false, result_requeue_after: "0s", error: "failed to patch", error_type: "FORBIDDEN", stack_trace: STACK }],
  ] as const)("of %s", (_what, end, expected) => {
    expect(reconcileCost(BEFORE, AFTER, end)).toEqual({ ...FIGURES, ...expected });
  });
});

describe("the name of a heap profile", () => {
  it.each([
    ["shop/front", "reconcile-shop-front-1700000000.pb.gz"],
    ["eu-1", "reconcile-eu-1-1700000000.pb.gz"],
    ["shop/../../etc/passwd", "reconcile-shop-.._.._etc_passwd-1700000000.pb.gz"],
    ["shop/a\0b", "reconcile-shop-a_b-1700000000.pb.gz"],
    [`${"n".repeat(70)}/${"a".repeat(300)}`, `reconcile-${"n".repeat(63)}-${"a".repeat(160)}-1700000000.pb.gz`],
  ])("of %j is %s", (key, name) => {
    expect(profileName(key, 1_700_000_000_999)).toBe(name);
  });

  it("is one file in its folder, whatever the key", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (key) => /^reconcile-[a-zA-Z0-9._-]*-0\.pb\.gz$/.test(profileName(key, 0))));
  });
});

describe("who stands around reconciles", () => {
  const run = { controller: "c", key: "shop/front" };
  let dir: string;
  let logger: RecordingLogger;
  let inspector: ReconcileInspector | undefined;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "sightline-reconcile-"));
    logger = new RecordingLogger();
  });
  afterEach(async () => {
    inspector?.close();
    await rm(dir, { recursive: true });
  });
  const inspect = (options: { always: boolean; profileDir?: string }): ReconcileInspector => (inspector = new ReconcileInspector({ profileDir: dir, heap: async () => Buffer.from("heap"), clock: new ManualClock(0), logger, ...options }));

  it("tells the cost of each when it is always to, and writes no file", async () => {
    const { around } = inspect({ always: true });
    for (const end of [judged({ result: { requeueAfterMs: 5 } }), judged({ error: new Error("broken") })]) expect(await around(run, async () => end)).toBe(end);
    expect(logger.lines).toMatchObject([
      { level: "info", message: "Reconciliation debug info", fields: { ...run, error: null, result_requeue_after: "5ms" } },
      { level: "info", message: "Reconciliation debug info", fields: { ...run, error: "broken", error_type: "UNEXPECTED" } },
    ]);
    expect(await readdir(dir)).toEqual([]);
  });

  it("tells once of the one that was asked for, and leaves its heap profile", async () => {
    const asked = inspect({ always: false });
    asked.ask(run);
    for (const key of ["shop/other", "shop/front", "shop/front"]) await asked.around({ ...run, key }, async () => judged({ result: {} }));
    const profile = join(dir, "reconcile-shop-front-0.pb.gz");
    expect(logger.lines).toMatchObject([{ message: "Reconciliation debug info", fields: { ...run, profile } }]);
    expect(await readFile(profile, "utf8")).toBe("heap");
  });

  it("lets the reconcile be when its profile cannot be written, also where a file stands already", async () => {
    const asked = inspect({ always: false });
    for (const _time of [1, 2]) {
      asked.ask(run);
      const end = judged({ result: { again: true } });
      expect(await asked.around(run, async () => end)).toBe(end);
    }
    expect(logger.messages).toEqual(["Reconciliation debug info", "The heap profile of a reconcile could not be written", "Reconciliation debug info"]);
  });
});
