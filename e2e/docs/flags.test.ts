import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { firstCells, read, ROOT } from "./source.ts";

const CLI = "hub/src/cli/main.ts";

/** How each program is asked for its help. */
const PROGRAMS: Record<string, string[]> = { hub: ["hub/src/main.ts"], agent: ["agent/src/main.ts"], ...Object.fromEntries(commandsOf([]).map((words) => [`sightline ${words.join(" ")}`, [CLI, ...words]])) };

function help(main: string, words: readonly string[]): string {
  return execFileSync(process.execPath, [`${ROOT}${main}`, ...words, "--help"], { encoding: "utf8" });
}

/** Every command of the CLI that has no commands below it, as words: by its own help. */
function commandsOf(words: readonly string[]): string[][] {
  const [, list = ""] = help(CLI, words).split("\nCommands:\n");
  const names = [...list.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name = ""]) => name).filter((name) => name !== "help");
  return names.length === 0 ? [[...words]] : names.flatMap((name) => commandsOf([...words, name]));
}

/** Flags by the program's own help. */
function helpOf(program: string): string[] {
  const [main = "", ...words] = PROGRAMS[program] ?? [];
  return [...help(main, words).matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag = ""]) => flag).filter((flag) => flag !== "--help" && flag !== "--version");
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
