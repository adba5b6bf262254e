import { describe, expect, it } from "vitest";
import type { Sample } from "./metrics.ts";
import { differences, type ExpectedSeries, single, table } from "./series.ts";

const sample = (labels: Record<string, string>, value: number): Sample => ({ name: "", labels, value });

describe("what differs between samples and expectation", () => {
  it.each<[string, Sample[], ExpectedSeries[], string[]]>([
    ["is nothing when all is as expected", [sample({ a: "1" }, 2)], [{ labels: { a: "1" }, value: 2 }], []],
    ["is nothing within bounds, both included", [sample({}, 0.5), sample({ a: "1" }, 1)], [{ labels: {}, value: [0.5, 1] }, { labels: { a: "1" }, value: [0.5, 1] }], []],
    ["is nothing by the rounding of a division", [sample({}, 0.1 + 0.2)], [{ labels: {}, value: 0.3 }], []],
    ["is nothing by order of labels, or by an empty one", [sample({ b: "2", a: "1", c: "" }, 0)], [{ labels: { a: "1", b: "2" }, value: 0 }], []],
    ["is a wrong value", [sample({}, 1)], [{ labels: {}, value: 2 }], ["{} is 1, expected 2"]],
    ["is a value out of bounds", [sample({}, 3)], [{ labels: {}, value: [1, 2] }], ["{} is 3, expected 1 to 2"]],
    ["is no number where there should be one", [sample({}, Number.NaN)], [{ labels: {}, value: [0, 1] }], ["{} is NaN, expected 0 to 1"]],
    ["is a series that is missing", [], [{ labels: { a: "1" }, value: 2 }], ['{a="1"} is missing']],
    ["is nothing when what need not be there is not", [], [{ labels: { a: "1" }, value: 2, optional: true }], []],
    ["is a wrong value of what need not be there", [sample({ a: "1" }, 1)], [{ labels: { a: "1" }, value: 2, optional: true }], ['{a="1"} is 1, expected 2']],
    ["is a series that nobody expected", [sample({ a: "1" }, 2)], [], ['{a="1"} was not expected']],
  ])("%s", (_what, samples, expected, wrong) => {
    expect(differences(samples, expected)).toEqual(wrong);
  });
});

describe("a table of expected series", () => {
  it("has a text for each label, and a value, in each row", () => {
    expect(table(["a", "b"], ["1", "2", 3], ["4", "5", [6, 7]])).toEqual([
      { labels: { a: "1", b: "2" }, value: 3 },
      { labels: { a: "4", b: "5" }, value: [6, 7] },
    ]);
    expect(single(1)).toEqual([{ labels: {}, value: 1 }]);
  });
});
