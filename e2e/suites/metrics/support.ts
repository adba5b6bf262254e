import { spawnSync } from "node:child_process";
import type { MetricSpec } from "@sightline/shared/metrics";
import { type Sample, typesIn } from "../../kit/metrics.ts";
import { resolveBinaries } from "../../sandbox/binaries/resolve.ts";
import { silent } from "../../sandbox/progress.ts";

/** Runs `promtool check metrics` over a text. @returns its exit status, and what it finds fault with. */
export async function promtoolCheck(text: string): Promise<{ status: number | null; complaints: string }> {
  const { promtool } = await resolveBinaries(["promtool"], { report: silent });
  const { status, stdout, stderr } = spawnSync(promtool, ["check", "metrics"], { input: text, encoding: "utf8" });
  return { status, complaints: stdout + stderr };
}

/** The type of each metric, by its name. */
export function typesOf(specs: readonly MetricSpec[]): Record<string, string> {
  return Object.fromEntries(specs.map(({ name, type }) => [name, type]));
}

/** Samples whose labels are not those that the catalogue gives their metric. */
export function mislabelled(samples: readonly Sample[], text: string, specs: readonly MetricSpec[]): string[] {
  const types = typesIn(text);
  return samples.filter(({ name, labels }) => {
    const spec = specs.find((spec) => spec.name === familyOf(name, types));
    const seen = Object.keys(labels).filter((label) => label !== "le");
    return seen.toSorted().join() !== spec?.labels.toSorted().join();
  }).map(identityOf);
}

/** How often something stands in a text: a look at thousands of series that costs nearly nothing. */
export function occurrences(text: string, part: string): number {
  return text.split(part).length - 1;
}

/**
 * The series of a text by name and labels, without those that come and go with no object: what the runtime tells of
 * itself, and failures of a busy machine.
 */
export function lastingSeries(samples: readonly Sample[]): string[] {
  const lasting = samples.filter(({ name }) => !/^(nodejs|process)_|^sightline_watch_failures_total$|^controller_reconcile_errors_total$/.test(name));
  return lasting.map(identityOf).toSorted();
}

/** How many series are new, by what there is one set of them for: all that a crowd of monitors may add to. */
export function countsOfNew(before: readonly string[], after: readonly string[], specs: readonly MetricSpec[]): Record<string, number> {
  const known = new Set(before);
  const names = after.filter((series) => !known.has(series)).map((series) => series.split("{")[0] ?? "");
  const types = new Map(specs.map(({ name, type }) => [name, type]));
  const counts: Record<string, number> = {};
  for (const name of names) {
    const scope = specs.find((spec) => spec.name === familyOf(name, types))?.per ?? `of no metric: ${name}`;
    counts[scope] = (counts[scope] ?? 0) + 1;
  }
  return counts;
}

export function identityOf({ name, labels }: Sample): string {
  return `${name}{${Object.entries(labels).map(([label, value]) => `${label}="${value}"`).toSorted().join()}}`;
}

/** A histogram's buckets, sum and count belong to the name without their ending. */
function familyOf(name: string, types: ReadonlyMap<string, string>): string {
  const base = name.replace(/_(?:bucket|sum|count)$/, "");
  return types.get(base) === "histogram" ? base : name;
}
