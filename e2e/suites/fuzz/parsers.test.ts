import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { find, read } from "../../docs/source.ts";
import { PARSERS } from "./parsers.ts";
import { heapInUse, scrutinised } from "./scrutiny.ts";

/** Over all parsers together more than 10,000. */
const RUNS = 400;
/** What caches and the test itself may keep. Bytes. */
const MAX_GROWTH = 24 * 1024 * 1024;

describe("F21 hostile input", { retry: 0 }, () => {
  it("has a sample for every parser of the product", () => {
    const found = find("{shared,hub,agent}/src/**/*.ts").filter((file) => !file.endsWith(".test.ts"));
    const names = found.flatMap((file) => [...read(file).matchAll(/^export (?:async )?(?:function|const) (parse\w+)/gm)].map(([, name]) => `${file} ${name}`));
    expect(names.filter((name) => PARSERS[name] === undefined)).toEqual([]);
    expect(names.length).toBeGreaterThan(25);
    expect(names.length * RUNS).toBeGreaterThan(10_000);
  });

  it.each(Object.entries(PARSERS))("%s gives a value or an error of ours, within a second, and changes no prototype", (_name, { takes, inputs, parse, typed }) => {
    expect(takes).not.toThrow();
    fc.assert(fc.property(inputs, (input) => void scrutinised(() => parse(input), typed)), { numRuns: RUNS });
  });

  it("leaves the memory as it was", () => {
    const all = Object.values(PARSERS);
    const feed = (seed: number): void => {
      for (const { inputs, parse, typed } of all) for (const input of fc.sample(inputs, { numRuns: 60, seed })) scrutinised(() => parse(input), typed);
    };
    feed(1);
    const before = heapInUse();
    for (let round = 2; round < 6; round += 1) feed(round);
    expect(heapInUse() - before).toBeLessThan(MAX_GROWTH);
  });
});
