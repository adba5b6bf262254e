import { describe, expect, it } from "vitest";

import { goFitness, parseGoVersion } from "./go.ts";

describe("the Go that is found", () => {
  it.each([
    ["go version go1.26.8 linux/amd64", "1.26.8"],
    ["go version go1.27rc1 darwin/arm64", "1.27"],
    ["go version devel +a1b2c3 linux/amd64", undefined],
  ])("%s has version %s", (output, version) => expect(parseGoVersion(output)).toBe(version));

  it.each([
    ["1.26.0", "builds"],
    ["1.30", "builds"],
    ["2.0", "builds"],
    ["1.25.9", "fetches-toolchain"],
    ["1.21.0", "fetches-toolchain"],
    ["1.20.14", "too-old"],
    [undefined, "too-old"],
  ])("of version %s %s", (version, fitness) => expect(goFitness(version)).toBe(fitness));
});
