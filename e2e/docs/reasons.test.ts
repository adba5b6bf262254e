import { describe, expect, it } from "vitest";
import { REFUSAL_REASONS } from "../../hub/src/placement/select.ts";
import { firstCells, read } from "./source.ts";

describe("docs/use", () => {
  it("has exactly the reasons for which a cluster is not chosen", () => {
    const section = read("docs/use/README.md").split(/^## /m).find((part) => part.startsWith("See why")) ?? "";
    expect(firstCells(section).toSorted()).toEqual([...REFUSAL_REASONS, "NotRegistered"].toSorted());
  });
});
