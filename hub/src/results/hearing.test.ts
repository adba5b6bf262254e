import { ManualClock } from "@sightline/shared/testing";
import { describe, expect, it } from "vitest";
import { Hearing } from "./hearing.ts";

describe("the time by which verdicts are judged", () => {
  it("stands still while the hub is deaf, for the grace and no longer, and begins anew afterwards", async () => {
    const clock = new ManualClock(0);
    const hearing = new Hearing(clock, 300_000);
    await clock.advance(10_000);
    hearing.heard();
    expect(hearing.moment).toEqual({ now: 10_000, heardSince: 0 });
    await clock.advance(300_000);
    expect(hearing.moment).toEqual({ now: 10_000, heardSince: 0 });
    await clock.advance(1000);
    expect(hearing.moment).toEqual({ now: 11_000, heardSince: 0 });
    hearing.restored();
    expect(hearing.moment).toEqual({ now: 311_000, heardSince: 311_000 });
  });

  it.each([120_000, -120_000])("begins anew when the wall clock is set by %d ms: nothing has aged", async (jump) => {
    const clock = new ManualClock(1_000_000);
    const hearing = new Hearing(clock, 300_000);
    await clock.advance(10_000);
    hearing.heard();
    expect(hearing.moment).toEqual({ now: 1_010_000, heardSince: 1_000_000 });
    clock.jump(jump);
    expect(hearing.moment).toEqual({ now: 1_010_000 + jump, heardSince: 1_010_000 + jump });
  });
});
