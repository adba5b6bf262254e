import { describe, expect, it } from "vitest";
import { ClockOffset } from "./clock-offset.ts";

function offsetAfter(samples: readonly number[]): number {
  const offset = new ClockOffset();
  for (const sample of samples) offset.add(1_000_000 + sample, 1_000_000);
  return offset.value;
}

describe("a cluster's clock offset", () => {
  it.each([
    ["is 0 before the first heartbeat", [], 0],
    ["is that of the heartbeat that was delayed least", [-40, -3, -500], -3],
    ["follows a clock that runs away", [0, 50, 100], 100],
    ["follows a clock that was set back at the very next heartbeat", [600_000, 600_010, 5], 5],
    ["forgets what is eight heartbeats old", [100, 0, 0, 0, 0, 0, 0, 0, 0], 0],
  ])("%s", (_what, samples, expected) => expect(offsetAfter(samples)).toBe(expected));
});
