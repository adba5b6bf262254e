import { describe, expect, it } from "vitest";
import { seldom } from "./seldom.ts";
import { ManualClock } from "./testing/mod.ts";

describe("seldom", () => {
  it("lets the same words pass once in its time, and others at once", async () => {
    const clock = new ManualClock();
    const now = seldom(clock, 60_000);
    expect([now("refused"), now("refused"), now("expired")]).toEqual([true, false, true]);
    await clock.advance(59_999);
    expect(now("refused")).toBe(false);
    await clock.advance(1);
    expect([now("refused"), now("refused")]).toEqual([true, false]);
  });
});
