import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { burstDelays, gridOf, gridPointAfterFirst, gridPointFrom } from "./phase.ts";

const interval = fc.integer({ min: 1000, max: 86_400_000 });
const instant = fc.integer({ min: 1_500_000_000_000, max: 2_500_000_000_000 });
const uid = fc.uuid();

describe("a check's grid", () => {
  it("has a phase within the interval, which depends on nothing but cluster, check and interval", () => {
    fc.assert(
      fc.property(uid, interval, (uid, intervalMs) => {
        const grid = gridOf("eu-1", uid, intervalMs);
        expect(grid.phaseMs).toBeGreaterThanOrEqual(0);
        expect(grid.phaseMs).toBeLessThan(intervalMs);
        expect(gridOf("eu-1", uid, intervalMs)).toEqual(grid);
      }),
    );
    expect(gridOf("eu-1", "a", 60_000)).not.toEqual(gridOf("us-1", "a", 60_000));
  });

  it("spreads checks evenly: no tenth of the interval has twice its share", () => {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let n = 0; n < 2000; n++) {
      const tenth = Math.floor(gridOf("eu-1", `check-${n}`, 1000).phaseMs / 100);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    expect(Math.max(...tenths)).toBeLessThan(400);
  });

  it("gives the first point at or after a time", () => {
    fc.assert(
      fc.property(uid, interval, instant, (uid, intervalMs, at) => {
        const grid = gridOf("eu-1", uid, intervalMs);
        const point = gridPointFrom(grid, at);
        expect(point - at).toBeGreaterThanOrEqual(0);
        expect(point - at).toBeLessThan(intervalMs);
        expect((point - grid.phaseMs) % intervalMs).toBe(0);
        expect(gridPointFrom(grid, point)).toBe(point);
      }),
    );
  });

  it("skips a point less than half an interval after a first probe", () => {
    fc.assert(
      fc.property(uid, interval, instant, (uid, intervalMs, at) => {
        const gap = gridPointAfterFirst(gridOf("eu-1", uid, intervalMs), at) - at;
        expect(gap).toBeGreaterThanOrEqual(intervalMs / 2);
        expect(gap).toBeLessThan(1.5 * intervalMs);
      }),
    );
  });
});

describe("a burst", () => {
  it("is spread evenly, each below min(its interval, 5 s), the first at once", () => {
    fc.assert(
      fc.property(fc.array(interval, { minLength: 1, maxLength: 2000 }), (intervals) => {
        const delays = burstDelays(intervals);
        expect(delays[0]).toBe(0);
        for (const [index, delay] of delays.entries()) expect(delay).toBeLessThan(Math.min(intervals[index] ?? 0, 5000));
      }),
    );
  });

  it("of a thousand checks starts no more than 3 in any tick of 10 ms", () => {
    const ticks = new Map<number, number>();
    for (const delay of burstDelays(Array.from({ length: 1000 }, () => 30_000))) ticks.set(Math.floor(delay / 10), (ticks.get(Math.floor(delay / 10)) ?? 0) + 1);
    expect(Math.max(...ticks.values())).toBeLessThanOrEqual(3);
  });
});
