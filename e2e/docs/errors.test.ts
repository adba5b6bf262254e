import { describe, expect, it } from "vitest";
import { find, firstCells, read } from "./source.ts";

/**
 * Codes of all errors that the product knows: the literal unions given to SightlineError, and the keys of catalogues
 * named `…_ERRORS`. Types are gone at run time, so they are read from the source.
 */
function codesInSource(): Set<string> {
  const sources = find("{shared,hub,agent}/src/**/*.ts").filter((name) => !name.endsWith(".test.ts"));
  return new Set(sources.flatMap((path) => codesIn(read(path))));
}

function codesIn(text: string): string[] {
  const unions = [...groups(text, /type \w*ErrorCode =([\s\S]*?);\n/g), ...groups(text, /extends SightlineError<([^>]*)>/g)];
  const catalogues = groups(text, /const \w+_ERRORS = \{([\s\S]*?)\n\}/g);
  return [
    ...unions.flatMap((union) => groups(union, /"([A-Z][A-Z0-9_]{2,})"/g)),
    ...catalogues.flatMap((body) => groups(body, /^ {2}([A-Z][A-Z0-9_]{2,}):/gm)),
    ...groups(text, /errorType: "([A-Z_]+)"/g),
    ...groups(text, /new \w*Error\(\s*"([A-Z][A-Z0-9_]{2,})"/g),
  ];
}

/** First group of every match. */
function groups(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, group = ""]) => group);
}

describe("docs/reference/errors.md", () => {
  it("lists exactly the codes that the code has", () => {
    const documented = new Set(firstCells(read("docs/reference/errors.md")));
    expect([...documented].toSorted()).toEqual([...codesInSource()].toSorted());
  });
});
