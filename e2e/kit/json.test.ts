import { describe, expect, it } from "vitest";

import { at, listAt, textAt } from "./json.ts";

describe("reading foreign JSON", () => {
  const value: unknown = { status: { conditions: [{ type: "Available", status: "True" }] }, n: 1, none: null };

  it("follows keys and indexes", () => {
    expect(textAt(value, "status", "conditions", 0, "type")).toBe("Available");
    expect(at(value, "n")).toBe(1);
  });

  it("gives undefined, or no elements, where the path ends early or another type stands", () => {
    expect(at(value, "none", "x")).toBeUndefined();
    expect(textAt(value, "n")).toBeUndefined();
    expect(listAt(value, "n")).toEqual([]);
    expect(at(undefined, "x")).toBeUndefined();
  });
});
