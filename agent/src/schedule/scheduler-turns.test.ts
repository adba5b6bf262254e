import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gridOf, requestGap } from "./phase.ts";
import { type Bench, bench, check } from "./testing.ts";

/** 800 checks of an hour's interval, all asked for at once; what started before that is forgotten. */
async function manyAskedFor(): Promise<Bench> {
  const on = bench();
  const items = Array.from({ length: 800 }, (_none, n) => check(`c-${n}`, 3_600_000));
  on.scheduler.goOn(items);
  await on.clock.advance(10);
  on.started.splice(0);
  on.scheduler.probeNow(items);
  return on;
}

describe("a probe that is asked for", () => {
  it("is made at once, and the check goes on at its phases", async () => {
    const { clock, scheduler, started, scheduledOf } = bench();
    scheduler.goOn([check("a")]);
    await clock.advance(60_000);
    const [first = 0] = scheduledOf("a");
    await clock.advance(first + 60_000 + 10_000 - clock.now());
    const asked = clock.now();
    scheduler.probeNow([check("a")]);
    await clock.advance(90_000);
    expect(scheduledOf("a")).toEqual([first, first + 30_000, first + 60_000, asked, first + 90_000, first + 120_000, first + 150_000]);
    expect(started.some((due) => due.first)).toBe(false);
  });

  it("is never lost and never doubled, and no phase is, whenever it is asked for and however long a probe takes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 9000 }), fc.constantFrom(10_000, 60_000), async (waits, probeMs, intervalMs) => {
        const { clock, scheduler, scheduledOf, started } = bench({ probeMs });
        scheduler.goOn([check("a", intervalMs)]);
        for (const wait of waits) {
          await clock.advance(wait);
          const before = started.length;
          const asked = clock.now();
          scheduler.probeNow([check("a", intervalMs)]);
          // The probe before may have to end first, and one more may wait for that already; and one asked for before may be too near.
          await clock.advance(requestGap(intervalMs) + 2 * probeMs + 20);
          // By when it starts: a probe that fell due in the tick before, and starts after it was asked for, serves too.
          expect(started.slice(before).some(({ at }) => at >= asked)).toBe(true);
        }
        await clock.advance(3 * intervalMs);
        scheduler.stop();
        const phase = gridOf("eu-1", "a", intervalMs).phaseMs;
        const onGrid = scheduledOf("a").filter((at) => (at - phase) % intervalMs === 0);
        expect(scheduledOf("a").length - new Set(onGrid).size).toBeLessThanOrEqual(waits.length);
        for (const [index, at] of onGrid.slice(1).entries()) expect(at - (onGrid[index] ?? 0)).toBeLessThanOrEqual(probeMs > 4000 ? 2 * intervalMs : intervalMs);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    [3_600_000, 7],
    [30_000, 9],
    [4000, 31],
  ])("is made once in 10 s, or in a shorter interval, however often it is asked for: interval %i ms", async (intervalMs, most) => {
    const { clock, scheduler, scheduledOf } = bench();
    scheduler.goOn([check("a", intervalMs)]);
    for (let half = 0; half < 120; half++) {
      scheduler.probeNow([check("a", intervalMs)]);
      await clock.advance(500);
    }
    const phase = gridOf("eu-1", "a", intervalMs).phaseMs;
    const asked = scheduledOf("a").filter((at) => (at - phase) % intervalMs !== 0);
    expect(asked.length).toBeGreaterThan(0);
    for (const [index, at] of asked.slice(1).entries()) expect(at - (asked[index] ?? 0)).toBeGreaterThanOrEqual(requestGap(intervalMs));
    expect(scheduledOf("a").length).toBeLessThanOrEqual(most);
  });

  it("too soon after another one waits, and is one with those that wait for the same", async () => {
    const { clock, scheduler, started } = bench();
    const day = check("a", 86_400_000);
    scheduler.goOn([day]);
    for (const at of [0, 1000, 2000, 3000]) {
      scheduler.probeNow([day]);
      await clock.advance(1000);
      expect([at, started.length]).toEqual([at, 1]);
    }
    await clock.advance(7000);
    expect(started).toHaveLength(2);
    await clock.advance(60_000);
    expect(started).toHaveLength(2);
  });

  it("is the first probe where that is still to come, and none of a check that is not scheduled", async () => {
    const { clock, scheduler, started } = bench();
    scheduler.startNow([check("a")]);
    scheduler.probeNow([check("a"), check("b")]);
    await clock.advance(1000);
    expect(started.map(({ item, first }) => [item.uid, first])).toEqual([["a", true]]);
  });

  it("waits for the end of the one that runs", async () => {
    const { clock, scheduler, started, skipped } = bench({ probeMs: 500 });
    scheduler.goOn([check("a")]);
    await clock.advance(29_990);
    const [onGrid = 0] = started.map(({ at }) => at);
    await clock.advance(onGrid + 30_000 + 20 - clock.now());
    const before = started.length;
    scheduler.probeNow([check("a")]);
    await clock.advance(100);
    expect(started).toHaveLength(before);
    await clock.advance(500);
    expect(started).toHaveLength(before + 1);
    expect(skipped).toEqual([]);
  });

  it("is part of a paced burst when many are asked for together", async () => {
    const { clock, started } = await manyAskedFor();
    await clock.advance(1000);
    expect(started.length).toBeGreaterThan(100);
    expect(started.length).toBeLessThan(250);
    await clock.advance(4500);
    expect(new Set(started.map(({ item }) => item.uid)).size).toBe(800);
  });

  it("is not lost when the wall clock jumps before it is due", async () => {
    const { clock, started } = await manyAskedFor();
    clock.jump(7_200_000);
    await clock.advance(6000);
    expect(new Set(started.map(({ item }) => item.uid)).size).toBe(800);
  });
});

describe("a check that does not get its turn", () => {
  it("is named from when it fell due again until one of its probes starts in time", async () => {
    const { clock, scheduler } = bench({ maxConcurrency: 1, probeMs: 900 });
    scheduler.goOn(Array.from({ length: 4 }, (_none, n) => check(`c-${n}`, 1000)));
    await clock.advance(10_000);
    expect(scheduler.starved.size).toBe(4);
    for (let second = 0; second < 20; second++) {
      await clock.advance(1000);
      expect(scheduler.starved.size).toBe(4);
    }
    for (const uid of ["c-1", "c-2", "c-3"]) scheduler.remove(uid);
    expect([...scheduler.starved]).toEqual(["c-0"]);
    await clock.advance(5000);
    expect(scheduler.starved.size).toBe(0);
  });

  it("is not one whose own probe takes longer than its interval", async () => {
    const { clock, scheduler, skipped } = bench({ probeMs: 3500 });
    scheduler.goOn([check("slow", 1000)]);
    await clock.advance(30_000);
    expect(skipped.length).toBeGreaterThan(0);
    expect(scheduler.starved.size).toBe(0);
  });
});
