import { describe, expect, it } from "vitest";
import { WritePacing } from "./write-pacing.ts";

const BUDGET = { transitions: 100, refreshes: 50 };

describe("the pacing of status writes", () => {
  it("lets a single transition go at once, also while conditions wait", () => {
    const pacing = new WritePacing(BUDGET, 0);
    for (let number = 0; number < 1000; number++) pacing.waitMs(`other-${number}`, "condition", 0);
    expect(pacing.waitMs("a", "transition", 0)).toBe(0);
  });

  it("gives each of many transitions its time: 100 a second, and a tenth of that at once", () => {
    const pacing = new WritePacing(BUDGET, 0);
    const waits = Array.from({ length: 1000 }, (_none, number) => pacing.waitMs(`m-${number}`, "transition", 0));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(10);
    for (let second = 0; second < 9; second++) expect(waits.filter((wait) => wait > second * 1000 && wait <= (second + 1) * 1000)).toHaveLength(100);
    expect(pacing.waiting("transition")).toBe(990);
  });

  it("keeps a monitor's place, however often it is asked, and takes it once", () => {
    const pacing = new WritePacing({ transitions: 1, refreshes: 1 }, 0);
    expect(pacing.waitMs("first", "transition", 0)).toBe(0);
    expect(pacing.waitMs("a", "transition", 0)).toBe(1000);
    expect(pacing.waitMs("a", "transition", 400)).toBe(600);
    expect(pacing.waitMs("b", "transition", 400)).toBe(1600);
    expect(pacing.waitMs("a", "transition", 1000)).toBe(0);
    expect(pacing.waiting("transition")).toBe(1);
    expect(pacing.waitMs("a", "transition", 1000)).toBe(2000);
  });

  it("does not hold refreshes: their period is their pace", () => {
    const pacing = new WritePacing({ transitions: 1, refreshes: 1 }, 0);
    for (let number = 0; number < 100; number++) expect(pacing.waitMs(`m-${number}`, "refresh", 0)).toBe(0);
  });

  it("forgets who has nothing to write any more", () => {
    const pacing = new WritePacing({ transitions: 1, refreshes: 1 }, 0);
    pacing.waitMs("first", "mend", 0);
    pacing.waitMs("a", "mend", 0);
    expect(pacing.waiting("mend")).toBe(1);
    pacing.release("a");
    expect(pacing.waiting("mend")).toBe(0);
  });
});
