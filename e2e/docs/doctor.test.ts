import { describe, expect, it } from "vitest";
import { CHECKS } from "../../hub/src/doctor/finding.ts";
import { firstCells, read } from "./source.ts";

describe("docs/operate/doctor.md", () => {
  it("lists exactly the checks that doctor makes", () => {
    expect(firstCells(read("docs/operate/doctor.md")).toSorted()).toEqual(Object.keys(CHECKS).toSorted());
  });
});
