import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkClock, offsetBounds } from "./clock.ts";

/** States of a clock that is `offset` ahead, read after `there` and answered after `back` milliseconds. */
function stateOf(offset: number, { there = 0, back = 0, resolutionMs = 0 } = {}): string | undefined {
  const theirs = 1_000_000 + there + offset;
  const read = resolutionMs === 0 ? theirs : Math.floor(theirs / resolutionMs) * resolutionMs;
  return checkClock("x", { seen: true, value: { askedAt: 1_000_000, answeredAt: 1_000_000 + there + back, theirs: read, resolutionMs } })[0]?.state;
}

describe("another machine's clock", () => {
  it.each([
    ["the same time", 0, {}, "ok"],
    ["2 s ahead", 2000, {}, "ok"],
    ["more than 2 s ahead", 2001, {}, "warning"],
    ["more than 2 s behind", -2001, {}, "warning"],
    ["3 s ahead, in whole seconds", 3001, { resolutionMs: 1000 }, "warning"],
    ["2.5 s ahead, which a slow answer may explain", 2500, { there: 300, back: 800 }, "ok"],
    ["right, after an answer that took 5 s", 0, { back: 5000 }, "not checked"],
    ["a minute behind, after an answer that took 5 s", -60_000, { back: 5000 }, "warning"],
  ])("that is %s", (_what, offset, times, state) => expect(stateOf(offset, times)).toBe(state));

  it("is always between the bounds, and never called wrong within 2 s", () => {
    const ms = fc.integer({ min: 0, max: 10_000 });
    fc.assert(
      fc.property(fc.integer({ min: -100_000, max: 100_000 }), ms, ms, fc.constantFrom(1, 1000), (offset, there, back, resolutionMs) => {
        const theirs = Math.floor((1_000_000 + there + offset) / resolutionMs) * resolutionMs;
        const { least, most } = offsetBounds({ askedAt: 1_000_000, answeredAt: 1_000_000 + there + back, theirs, resolutionMs });
        expect(least).toBeLessThanOrEqual(offset);
        expect(most).toBeGreaterThanOrEqual(offset);
        if (Math.abs(offset) <= 2000) expect(stateOf(offset, { there, back, resolutionMs })).not.toBe("warning");
      }),
    );
  });
});
