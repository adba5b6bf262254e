import { describe, expect, it } from "vitest";
import { comparePositions, nextEpoch } from "./position.ts";

describe("comparePositions", () => {
  it.each([
    [{ epoch: 1, generation: 9 }, { epoch: 2, generation: 1 }, -1],
    [{ epoch: 2, generation: 1 }, { epoch: 1, generation: 9 }, 1],
    [{ epoch: 2, generation: 1 }, { epoch: 2, generation: 3 }, -1],
    [{ epoch: 2, generation: 3 }, { epoch: 2, generation: 3 }, 0],
  ])("orders %j and %j by epoch first, then by generation", (a, b, order) => expect(Math.sign(comparePositions(a, b))).toBe(order));
});

describe("nextEpoch", () => {
  it.each([
    ["the wall clock when nothing was seen", [], 1000.7, 1000],
    ["the wall clock when it is ahead of everything seen", [3, 999], 1000, 1000],
    ["one more than the highest seen when the wall clock is behind", [5, 2000, 7], 1000, 2001],
    ["one more when the wall clock says the same as what was seen", [1000], 1000, 1001],
  ])("is %s", (_, seen, now, epoch) => expect(nextEpoch(seen, now)).toBe(epoch));
});
