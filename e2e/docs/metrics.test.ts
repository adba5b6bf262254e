import { CATALOGUE, type Process } from "@sightline/shared/metrics";
import { describe, expect, it } from "vitest";
import { read } from "./source.ts";

const ROW = /^\| `([a-z0-9_]+)` \| (\w+) \|([a-z_, ]*)\|/gm;

/** Which processes the metrics of a section are served by. */
const SECTIONS: Record<string, readonly Process[]> = { hub: ["hub"], agent: ["agent"], "hub and agent": ["hub", "agent"], "process and runtime": ["hub", "agent"] };

/** What the page says that a process serves: `name{labels} type`. */
function documented(process: Process): string[] {
  const sections = read("docs/reference/metrics.md").split(/^## /m);
  return sections.flatMap((section) => {
    const [title = ""] = section.split("\n");
    if (SECTIONS[title]?.includes(process) !== true) return [];
    return [...section.matchAll(ROW)].map(([, name, type, labels = ""]) => `${name}{${labels.trim()}} ${type}`);
  });
}

describe("docs/reference/metrics.md", () => {
  it.each(["hub", "agent"] as const)("has exactly the metrics of the catalogue, for the %s", (process) => {
    const catalogue = CATALOGUE[process].map(({ name, labels, type }) => `${name}{${labels.join(", ")}} ${type}`);
    expect(documented(process).toSorted()).toEqual(catalogue.toSorted());
  });
});
