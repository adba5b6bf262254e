import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { firstCells, read, ROOT } from "./source.ts";

/** Flags by the program's own help. */
function helpOf(program: string): string[] {
  const help = execFileSync(process.execPath, [`${ROOT}${program}/src/main.ts`, "--help"], { encoding: "utf8" });
  return [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag = ""]) => flag).filter((flag) => flag !== "--help" && flag !== "--version");
}

function documented(program: string): string[] {
  const section = read("docs/reference/flags.md").split(/^## /m).find((part) => part.startsWith(`${program}\n`)) ?? "";
  return firstCells(section);
}

describe("docs/reference/flags.md", () => {
  it.each(["hub", "agent"])("has exactly the flags of the %s", (program) => {
    expect(documented(program).toSorted()).toEqual(helpOf(program).toSorted());
  });
});
