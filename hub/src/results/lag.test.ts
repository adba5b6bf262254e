import { describe, expect, it } from "vitest";
import { ReadingLag } from "./lag.ts";

const TOLERANCE_MS = 3000;

/** Began at 0. */
function lag(...told: ((lag: ReadingLag) => void)[]): ReadingLag {
  const made = new ReadingLag(TOLERANCE_MS, 0);
  for (const tell of told) tell(made);
  return made;
}

const drained = (nowMs: number) => (lag: ReadingLag) => lag.drained(nowMs);
const read = (nowMs: number, storedAt: number, pending: boolean) => (lag: ReadingLag) => lag.read({ nowMs, storedAt, pending });

describe("the lag of reading results", () => {
  it.each([
    ["is 0 at the start", lag(), 3000, 0],
    ["rises when nothing is heard from the start on", lag(), 4000, 4000],
    ["is 0 once nothing waits, however old the last message was", lag(read(10_000, 4000, false)), 10_000, 0],
    ["stays 0 while looks say that nothing waits", lag(read(10_000, 4000, false), drained(60_000)), 62_000, 0],
    ["is the age of what was read while more waits", lag(read(10_000, 4000, true)), 10_000, 6000],
    ["is it also when it is short", lag(read(10_000, 9500, true)), 10_000, 500],
    ["rises while what waits is not read", lag(read(10_000, 4000, true)), 30_000, 26_000],
    ["is 0 again when the last one was read", lag(read(10_000, 4000, true), read(10_010, 9000, false)), 10_020, 0],
    ["is 0 again when what waited is gone", lag(read(10_000, 4000, true), drained(11_000)), 11_000, 0],
    ["rises when nobody can look any more", lag(drained(10_000)), 40_000, 30_000],
    ["is never below 0, whatever the clocks say", lag(read(10_000, 12_000, true)), 10_000, 0],
  ])("%s", (_what, reading, nowMs, expected) => {
    expect(reading.at(nowMs)).toBe(expected);
  });
});
