import { ManualClock } from "@sightline/shared/testing";
import { describe, expect, it } from "vitest";
import { ResetPolicy } from "./reset-policy.ts";

function bench(): { clock: ManualClock; policy: ResetPolicy; resets: () => number[] } {
  const clock = new ManualClock(0);
  const at: number[] = [];
  const policy = new ResetPolicy({ clock, reset: () => at.push(clock.now()) });
  return { clock, policy, resets: () => at };
}

describe("starting over", () => {
  it("is done when an incomplete set stays without a message for 5 s, not before", async () => {
    const { clock, policy, resets } = bench();
    policy.observe("incomplete");
    await clock.advance(3000);
    policy.observe("incomplete");
    await clock.advance(4900);
    expect(resets()).toEqual([]);
    await clock.advance(200);
    expect(resets()).toEqual([8000]);
  });

  it("is not done for a set that is in sync, or that only the hub can repair", async () => {
    for (const state of ["in-sync", "behind"] as const) {
      const { clock, policy, resets } = bench();
      policy.observe("incomplete");
      policy.observe(state);
      await clock.advance(3_600_000);
      expect(resets()).toEqual([]);
    }
  });

  it("waits twice as long after each vain try, up to 5 min, until a set was complete", async () => {
    const { clock, policy, resets } = bench();
    for (let round = 0; round < 9; round++) {
      policy.observe("incomplete");
      await clock.advance(300_000);
    }
    const waits = resets().map((at, index) => at - index * 300_000);
    expect(waits).toEqual([5000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000]);
    policy.observe("in-sync");
    policy.observe("incomplete");
    const since = clock.now();
    await clock.advance(5000);
    expect(resets().at(-1)).toBe(since + 5000);
  });
});
