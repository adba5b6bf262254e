import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeDistribution, distributionOf, quantile, round } from "./statistics.ts";

describe("quantile", () => {
  it("is one of the values, and as many as asked do not exceed it", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const found = quantile(values, share);
        expect(values).toContain(found);
        expect(values.filter((value) => value <= found).length).toBeGreaterThanOrEqual(Math.floor(share * values.length));
      }),
    );
  });

  it("of nothing is no number", () => expect(quantile([], 0.5)).toBeNaN());
});

describe("a distribution", () => {
  it("reads as one line", () => {
    const values = Array.from({ length: 200 }, (_none, index) => index + 1);
    expect(describeDistribution(distributionOf(values), "ms")).toBe("p50 100 · p90 180 · p99 198 · max 200 ms");
  });

  it.each([[1234.56, "1235"], [0.012345, "0.0123"], [99.96, "100"], [Number.NaN, "none"]])("rounds %d to %s", (value, text) => expect(round(value)).toBe(text));
});
