import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gridOf } from "./phase.ts";
import { bench, check } from "./testing.ts";

describe("a new check", () => {
  it("is probed at once, then at its phase after half an interval at least, then exactly one interval apart", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uuid(), fc.integer({ min: 1000, max: 120_000 }), fc.integer({ min: 0, max: 1_000_000 }), async (uid, intervalMs, later) => {
        const { clock, scheduler, scheduledOf } = bench({ startMs: Date.UTC(2026, 0, 1) + later });
        const begin = clock.now();
        scheduler.startNow([check(uid, intervalMs)]);
        await clock.advance(6.5 * intervalMs + 20);
        scheduler.stop();
        const [first = 0, second = 0, ...rest] = scheduledOf(uid);
        expect(first).toBe(begin);
        expect(second - first).toBeGreaterThanOrEqual(intervalMs / 2);
        expect(second - first).toBeLessThan(1.5 * intervalMs);
        expect((second - gridOf("eu-1", uid, intervalMs).phaseMs) % intervalMs).toBe(0);
        expect(rest.length).toBeGreaterThanOrEqual(4);
        for (const [index, at] of rest.entries()) expect(at).toBe(second + (index + 1) * intervalMs);
      }),
      { numRuns: 30 },
    );
  });

  it("is started within one tick of its time, and told to be the first probe once", async () => {
    const { clock, scheduler, started } = bench();
    scheduler.startNow([check("a")]);
    await clock.advance(200_000);
    for (const { at, scheduledAt } of started) expect(at - scheduledAt).toBeLessThanOrEqual(10);
    expect(started.map(({ first }) => first)).toEqual(started.map((_probe, index) => index === 0));
  });

  it("is part of a paced burst when many come together", async () => {
    const { clock, scheduler, started } = bench();
    scheduler.startNow(Array.from({ length: 800 }, (_none, n) => check(`c-${n}`)));
    const begin = clock.now();
    await clock.advance(5010);
    expect(started.filter(({ first }) => first)).toHaveLength(800);
    for (let second = 0; second < 5; second++) {
      const inIt = started.filter(({ first, at }) => first && Math.floor((at - begin) / 1000) === second).length;
      expect(inIt).toBeLessThanOrEqual(2 * 160);
    }
  });
});

describe("a restarted agent", () => {
  it("continues the phases that it had, without a burst", async () => {
    const items = Array.from({ length: 50 }, (_none, n) => check(`c-${n}`, 10_000));
    const before = bench();
    before.scheduler.goOn(items);
    await before.clock.advance(25_000);
    before.scheduler.stop();
    const after = bench({ startMs: before.clock.now() });
    after.scheduler.goOn(items);
    expect(after.started).toEqual([]);
    await after.clock.advance(25_000);
    for (const { uid } of items) {
      const all = [...before.scheduledOf(uid), ...after.scheduledOf(uid)];
      expect(all.length).toBeGreaterThanOrEqual(4);
      for (const [index, at] of all.entries()) expect(at).toBe((all[0] ?? 0) + index * 10_000);
    }
    expect(after.started.some(({ first }) => first)).toBe(false);
  });
});

describe("a wall clock that jumps", () => {
  it.each([3_600_000, -3_600_000, 15_000, -15_000])("by %d ms re-aligns all checks to their phases, without a burst", async (jump) => {
    const { clock, scheduler, started } = bench();
    scheduler.goOn(Array.from({ length: 300 }, (_none, n) => check(`c-${n}`)));
    await clock.advance(60_000);
    started.splice(0);
    clock.jump(jump);
    const begin = clock.monotonic();
    const perSecond = new Map<number, number>();
    let counted = 0;
    for (let second = 0; second < 60; second++) {
      await clock.advance(1000);
      perSecond.set(second, started.length - counted);
      counted = started.length;
    }
    expect(Math.max(...perSecond.values())).toBeLessThanOrEqual(60);
    expect(clock.monotonic() - begin).toBe(60_000);
    const late = started.slice(-200);
    for (const { item, scheduledAt, at } of late) {
      expect((scheduledAt - gridOf("eu-1", item.uid, 30_000).phaseMs) % 30_000).toBe(0);
      expect(Math.abs(at - scheduledAt)).toBeLessThanOrEqual(10);
    }
  });

  it("keeps at least half an interval between two probes, and less than two", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uuid(), fc.integer({ min: -100_000, max: 100_000 }), fc.integer({ min: 0, max: 30_000 }), async (uid, jump, later) => {
        const { clock, scheduler, monotonicStarts } = bench();
        scheduler.goOn([check(uid)]);
        await clock.advance(60_000 + later);
        clock.jump(jump);
        // The jump is noticed at the next tick, by a second scheduled check.
        scheduler.goOn([check("watch", 1000)]);
        await clock.advance(120_000);
        scheduler.stop();
        const gaps = monotonicStarts(uid).slice(1).map((at, index) => at - (monotonicStarts(uid)[index] ?? 0));
        expect(Math.min(...gaps)).toBeGreaterThanOrEqual(15_000 - 1010);
        expect(Math.max(...gaps)).toBeLessThan(60_000 + 1010);
      }),
      { numRuns: 60 },
    );
  });

  it("slowly is followed without a gap", async () => {
    const { clock, scheduler, started } = bench();
    scheduler.goOn([check("a", 1000)]);
    for (let n = 0; n < 60; n++) {
      clock.jump(5);
      await clock.advance(1000);
    }
    const scheduled = started.map(({ scheduledAt }) => scheduledAt);
    for (const [index, at] of scheduled.entries()) expect(at).toBe((scheduled[0] ?? 0) + index * 1000);
  });
});

describe("overload", () => {
  it("at twice the capacity serves everybody in turn, and counts each probe that is not made", async () => {
    const { clock, scheduler, started, skipped } = bench({ maxConcurrency: 5, probeMs: 1000 });
    const items = Array.from({ length: 100 }, (_none, n) => check(`c-${n}`, 10_000));
    scheduler.goOn(items);
    await clock.advance(200_000);
    const perCheck = items.map(({ uid }) => started.filter(({ item }) => item.uid === uid).length);
    // 5 probes a second for 200 s are 10 for each check.
    expect(Math.min(...perCheck)).toBeGreaterThanOrEqual(8);
    expect(Math.max(...perCheck)).toBeLessThanOrEqual(12);
    expect(scheduler.running).toBe(5);
    expect(scheduler.waiting).toBeLessThanOrEqual(100);
    const due = 100 * 20;
    expect(Math.abs(started.length + skipped.length + scheduler.waiting - due)).toBeLessThanOrEqual(100);
  });

  it("starts a probe behind the check's own one that still runs, and skips what falls due meanwhile", async () => {
    const { clock, scheduler, started, skipped, scheduledOf } = bench({ probeMs: 2500 });
    scheduler.goOn([check("a", 1000)]);
    await clock.advance(20_500);
    const [first = 0] = scheduledOf("a");
    expect(started.map(({ at }) => Math.round((at - first) / 100) / 10).slice(0, 4)).toEqual([0, 2.5, 5, 7.5]);
    expect(started.length + skipped.length).toBeGreaterThanOrEqual(19);
  });

  it("loses no probe to one that takes its whole interval to time out", async () => {
    const { clock, scheduler, started, skipped, scheduledOf } = bench({ probeMs: 1005 });
    scheduler.goOn([check("a", 1000)]);
    await clock.advance(20_000);
    expect(skipped).toEqual([]);
    expect(started.length).toBeGreaterThanOrEqual(18);
    const scheduled = scheduledOf("a");
    expect(new Set(scheduled.slice(1).map((at, index) => at - (scheduled[index] ?? 0)))).toEqual(new Set([1000]));
  });
});

describe("a withdrawn check", () => {
  it("is probed no more, and its probe under way is cancelled", async () => {
    const { clock, scheduler, started, cancelled } = bench({ probeMs: 60_000 });
    scheduler.startNow([check("a"), check("b")]);
    await clock.advance(50);
    scheduler.remove("a");
    await clock.advance(120_000);
    expect(cancelled).toEqual(["a"]);
    expect(started.filter(({ item }) => item.uid === "a")).toHaveLength(1);
    expect(scheduler.size).toBe(1);
  });

  it("leaves the queue when it waits in it", async () => {
    const { clock, scheduler, started } = bench({ maxConcurrency: 1, probeMs: 1000 });
    scheduler.startNow([check("a"), check("b"), check("c")]);
    await clock.advance(100);
    scheduler.remove("b");
    await clock.advance(5000);
    expect(started.map(({ item }) => item.uid)).toEqual(["a", "c"]);
  });
});

describe("a kept check", () => {
  it("goes on at its phase with what is new about it", async () => {
    const { clock, scheduler, started } = bench();
    scheduler.goOn([check("a")]);
    await clock.advance(31_000);
    const renewed = check("a");
    scheduler.goOn([renewed]);
    await clock.advance(30_000);
    expect(started).toHaveLength(2);
    expect(started[1]?.item).toBe(renewed);
  });
});
