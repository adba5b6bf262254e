import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { firstCells, read, ROOT } from "./source.ts";

/** How each program is asked for its help. */
const PROGRAMS: Record<string, string[]> = {
  hub: ["hub/src/main.ts"],
  agent: ["agent/src/main.ts"],
  "sightline explain": ["hub/src/cli/main.ts", "explain"],
  "sightline doctor": ["hub/src/cli/main.ts", "doctor"],
};

/** Flags by the program's own help. */
function helpOf(program: string): string[] {
  const [main = "", ...words] = PROGRAMS[program] ?? [];
  const help = execFileSync(process.execPath, [`${ROOT}${main}`, ...words, "--help"], { encoding: "utf8" });
  return [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag = ""]) => flag).filter((flag) => flag !== "--help" && flag !== "--version");
}

function documented(program: string): string[] {
  const section = read("docs/reference/flags.md").split(/^## /m).find((part) => part.startsWith(`${program}\n`)) ?? "";
  return firstCells(section);
}

describe("docs/reference/flags.md", () => {
  it.each(Object.keys(PROGRAMS))("has exactly the flags of %s", (program) => {
    expect(documented(program).toSorted()).toEqual(helpOf(program).toSorted());
  });
});
