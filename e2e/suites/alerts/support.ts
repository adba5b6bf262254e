import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** What users of Prometheus install. */
export const DEPLOYED = path.join(import.meta.dirname, "..", "..", "..", "deploy", "prometheus");
export const RULES = path.join(DEPLOYED, "rules.yml");

/**
 * The text of a rule file with every `for` and `keep_firing_for` sixty times as short: minutes become seconds. Nothing else
 * of it changes: no expression, no label, no window.
 */
export function shortened(rules: string): string {
  return rules.replaceAll(/^(\s+(?:for|keep_firing_for): \d+)m$/gm, "$1s");
}

/** Writes the rules, shortened, to a temporary folder that goes away with what is returned. */
export async function shortRules(): Promise<{ file: string } & AsyncDisposable> {
  const dir = await mkdtemp(path.join(tmpdir(), "sightline-rules-"));
  const file = path.join(dir, "rules.yml");
  await writeFile(file, shortened(await readFile(RULES, "utf8")));
  return { file, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
}
