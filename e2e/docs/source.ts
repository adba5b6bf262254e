import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Text of a file of the repository. */
export function read(path: string): string {
  return readFileSync(`${ROOT}${path}`, "utf8");
}

/** Paths of files that match, relative to the repository; never of dependencies. */
export function find(...patterns: string[]): string[] {
  return globSync(patterns, { cwd: ROOT, exclude: (name) => name.includes("node_modules") }).toSorted();
}

/** First cell of each row of each Markdown table under the headings of a page, without its code marks. */
export function firstCells(page: string): string[] {
  return [...page.matchAll(/^\| `([^`]+)`/gm)].map(([, cell = ""]) => cell);
}
