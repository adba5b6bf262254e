import { ManualClock } from "@sightline/shared/testing";
import { describe, expect, it } from "vitest";
import { PositiveCache } from "./positive-cache.ts";

describe("a cache of permissions", () => {
  it("holds no more than so many, and lets the oldest go", () => {
    const cache = new PositiveCache<number>(new ManualClock());
    for (let index = 0; index <= 1000; index++) cache.put(String(index), index);
    expect([cache.get("0"), cache.get("1"), cache.get("1000")]).toEqual([undefined, 1, 1000]);
  });
});
