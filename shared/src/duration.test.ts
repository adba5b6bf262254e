import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";

describe("parseDuration", () => {
  it.each([
    ["30s", 30_000],
    ["1m30s", 90_000],
    ["1.5s", 1500],
    ["24h", 86_400_000],
    ["250ms", 250],
    ["0", 0],
  ])("reads %s", (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(["", "30", "s", "-5s", "5 s", "5d", "5sx"])("refuses %j", (text) => expect(parseDuration(text)).toBeUndefined());
});

describe("formatDuration", () => {
  it.each([
    [0, "0s"],
    [0.25, "250µs"],
    [812, "812ms"],
    [1500, "1.5s"],
    [75_000, "1m15s"],
    [3_600_000, "1h0m0s"],
    [-1000, "-1s"],
  ])("writes %d ms as Go does", (ms, text) => expect(formatDuration(ms)).toBe(text));

  it("is read back by parseDuration", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 86_400_000 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBeCloseTo(ms, 3);
      }),
    );
  });
});
