import { describe, expect, it } from "vitest";
import { find, firstCells, read } from "./source.ts";

const CODE = /"([A-Z][A-Z0-9_]{2,})"/g;

/**
 * Codes of all errors that the product knows: the literal unions given to SightlineError, and the keys of catalogues
 * named `…_ERRORS`. Types are gone at run time, so they are read from the source.
 */
function codesInSource(): Set<string> {
  const codes = new Set<string>();
  for (const path of find("{shared,hub,agent}/src/**/*.ts").filter((name) => !name.endsWith(".test.ts"))) {
    const text = read(path);
    const unions = [...text.matchAll(/type \w*ErrorCode =([\s\S]*?);\n/g), ...text.matchAll(/extends SightlineError<([^>]*)>/g)];
    for (const [, union = ""] of unions) for (const [, code = ""] of union.matchAll(CODE)) codes.add(code);
    for (const [, body = ""] of text.matchAll(/const \w+_ERRORS = \{([\s\S]*?)\n\}/g)) {
      for (const [, code = ""] of body.matchAll(/^ {2}([A-Z][A-Z0-9_]{2,}):/gm)) codes.add(code);
    }
  }
  return codes;
}

describe("docs/reference/errors.md", () => {
  it("lists exactly the codes that the code has", () => {
    const documented = new Set(firstCells(read("docs/reference/errors.md")));
    expect([...documented].toSorted()).toEqual([...codesInSource()].toSorted());
  });
});
