import { describe, expect, it } from "vitest";

import { estimateSeconds, scarcities } from "./build.ts";

describe("the estimate of a build", () => {
  it("is what was measured on two cores, and less on more", () => {
    expect(estimateSeconds({ secondsOnTwoCores: 300 }, 2)).toBe(300);
    expect(estimateSeconds({ secondsOnTwoCores: 300 }, 8)).toBe(120);
    expect(estimateSeconds({ secondsOnTwoCores: 300 }, 1)).toBeGreaterThan(500);
  });
});

describe("what a build lacks", () => {
  const need = { diskGiB: 4, memoryGiB: 2 };

  it("is nothing where all fits", () => {
    expect(scarcities(need, { diskGiB: 4, memoryGiB: 2, cacheDir: "/c" })).toEqual([]);
  });

  it("names disk and memory, and how much there is", () => {
    expect(scarcities(need, { diskGiB: 1.26, memoryGiB: 0.5, cacheDir: "/c" })).toEqual([
      "4 GiB of disk for Go's build cache in /c (1.3 are free)",
      "2 GiB of memory (0.5 are free)",
    ]);
  });
});
