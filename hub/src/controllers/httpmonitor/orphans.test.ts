import { silentLogger } from "@sightline/shared/telemetry";
import { ManualClock } from "@sightline/shared/testing";
import { describe, expect, it } from "vitest";
import { orphansOf, type OrphanSweepOptions, sweepOnce, sweepOrphans } from "./orphans.ts";

class Scene {
  readonly clock = new ManualClock();
  assigned: string[] = [];
  existing = new Set<string>();
  synced = true;
  ready = true;
  refreshes = 0;
  /** What a fresh list shows. */
  fresh: string[] = [];
  readonly withdrawn: string[] = [];
  failing = new Set<string>();

  monitors(): string[] {
    return this.assigned;
  }

  uids(): Set<string> {
    return this.existing;
  }

  refresh(): Promise<void> {
    this.refreshes += 1;
    this.existing = new Set(this.fresh);
    return Promise.resolve();
  }

  options(): OrphanSweepOptions {
    return {
      monitors: this,
      assignments: this,
      withdraw: (uid) => {
        if (this.failing.has(uid)) return Promise.reject(new Error("no answer"));
        this.withdrawn.push(uid);
        return Promise.resolve();
      },
      clock: this.clock,
      logger: silentLogger,
      everyMs: 30_000,
    };
  }
}

const never = new AbortController().signal;

describe("the sweep after monitors that are gone", () => {
  it("finds what is assigned and does not exist", () => {
    expect(orphansOf(["a", "b", "c"], new Set(["b"]))).toEqual(["a", "c"]);
    expect(orphansOf([], new Set())).toEqual([]);
  });

  it("withdraws what a fresh list does not hold either", async () => {
    const scene = new Scene();
    scene.assigned = ["a", "b"];
    scene.existing = new Set(["b"]);
    scene.fresh = ["b"];
    await sweepOnce(scene.options(), never);
    expect([scene.withdrawn, scene.refreshes]).toEqual([["a"], 1]);
  });

  it("withdraws nothing that only the old picture lacked", async () => {
    const scene = new Scene();
    scene.assigned = ["new"];
    scene.fresh = ["new"];
    await sweepOnce(scene.options(), never);
    expect([scene.withdrawn, scene.refreshes]).toEqual([[], 1]);
  });

  it("asks for no list when nothing is suspicious", async () => {
    const scene = new Scene();
    scene.assigned = ["a"];
    scene.existing = new Set(["a"]);
    await sweepOnce(scene.options(), never);
    expect(scene.refreshes).toBe(0);
  });

  it("withdraws the rest when one cannot be withdrawn", async () => {
    const scene = new Scene();
    scene.assigned = ["a", "b", "c"];
    scene.failing.add("b");
    await sweepOnce(scene.options(), never);
    expect(scene.withdrawn).toEqual(["a", "c"]);
  });

  it.each(["synced", "ready"] as const)("judges nothing while not %s, begins soon after, and repeats", async (what) => {
    const scene = new Scene();
    scene[what] = false;
    scene.assigned = ["a"];
    const stopping = new AbortController();
    const sweeping = sweepOrphans(scene.options(), stopping.signal);
    await scene.clock.advance(60_000);
    expect(scene.withdrawn).toEqual([]);
    scene[what] = true;
    await scene.clock.advance(500);
    expect(scene.withdrawn).toEqual(["a"]);
    await scene.clock.advance(60_000);
    expect(scene.withdrawn).toEqual(["a", "a", "a"]);
    stopping.abort();
    await sweeping;
    expect(scene.clock.pending).toBe(0);
  });
});
