import { describe, expect, it } from "vitest";
import { find, read } from "./source.ts";

const PAGE = "docs/understand/threat-model.md";

/** Every test that the page quotes: `file` "name". */
function quoted(): [file: string, name: string][] {
  return [...read(PAGE).matchAll(/`([^`]+\.test\.ts)` "([^"]+)"/g)].map(([, file = "", name = ""]) => [file, name]);
}

/** The failure modes that a table of the page names in its first column. */
function failureModes(): string[] {
  return [...read(PAGE).matchAll(/^\| (F\d+)/gm)].map(([, mode = ""]) => mode);
}

describe(PAGE, () => {
  it("quotes tests that exist", () => {
    expect(quoted().length).toBeGreaterThan(10);
    const missing = quoted().filter(([file, name]) => find(file).length === 0 || !read(file).includes(name));
    expect(missing).toEqual([]);
  });

  it("names a test for each failure mode of trust", () => {
    expect(failureModes()).toEqual(expect.arrayContaining(["F13", "F14", "F15", "F16", "F17", "F18", "F19", "F20", "F21", "F30"]));
    const without = read(PAGE).split("\n").filter((line) => /^\| F\d+/.test(line) && !line.includes('.test.ts` "'));
    expect(without).toEqual([]);
  });
});
