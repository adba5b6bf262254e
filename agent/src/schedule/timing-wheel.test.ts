import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TimingWheel } from "./timing-wheel.ts";

describe("a timing wheel", () => {
  it("fires every entry once, in order, at most one tick late and never early, however far ahead it is", () => {
    const delays = fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 60 });
    const steps = fc.array(fc.integer({ min: 1, max: 15_000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(delays, steps, (delays, steps) => {
        const wheel = new TimingWheel<number>(5);
        for (const delay of delays) wheel.add(delay, 5 + delay);
        const fired: number[] = [];
        let now = 5;
        for (const step of [...steps, 70_000]) {
          const before = now;
          now += step;
          for (const { dueMs, value } of wheel.advance(now)) {
            expect(dueMs).toBeLessThanOrEqual(now);
            expect(dueMs).toBeGreaterThan(before - 20);
            fired.push(value);
          }
        }
        expect(fired).toEqual(delays.toSorted((a, b) => a - b));
        expect(wheel.size).toBe(0);
      }),
    );
  });

  it("asks to be woken no later than its next entry is due", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (delay) => {
        const wheel = new TimingWheel<string>(1000);
        wheel.add("x", 1000 + delay);
        expect(wheel.nextWakeMs()).toBeLessThanOrEqual(Math.max(1010, 1000 + delay + 10));
      }),
    );
    expect(new TimingWheel<string>(0).nextWakeMs()).toBeUndefined();
  });

  it("does not fire what was taken out", () => {
    const wheel = new TimingWheel<string>(0);
    const entry = wheel.add("x", 100);
    wheel.remove(entry);
    wheel.remove(entry);
    expect(wheel.size).toBe(0);
    expect(wheel.advance(1000)).toEqual([]);
  });
});
