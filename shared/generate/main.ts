import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { rightsTemplate } from "./chart.ts";
import { generateInstallation } from "./installation.ts";
import { generateTypes, generateValidators, readCrd } from "./crd.ts";
import { dashboardFiles } from "./dashboards/mod.ts";
import { prometheusRule } from "./prometheus-rule.ts";

/**
 * Writes shared/src/api/generated: from crds/ the types and the validators of our kinds, and from crds/ and the hub's rights
 * in deploy/ what an installation is compared with. Writes deploy/grafana/dashboards from dashboards/, and
 * deploy/prometheus/prometheusrule.yaml from the rules beside it; and the CRDs and the hub's rights into the hub's chart.
 * With `--check` it writes nothing, and fails when what is committed differs.
 */
const CRDS = new URL("../../crds/", import.meta.url);
const RIGHTS = new URL("../../deploy/kustomize/rbac.yaml", import.meta.url);
const API = new URL("../src/api/generated/", import.meta.url);
const PROMETHEUS = new URL("../../deploy/prometheus/", import.meta.url);
const DASHBOARDS = new URL("../../deploy/grafana/dashboards/", import.meta.url);

const CHART = new URL("../../deploy/helm/sightline-hub/", import.meta.url);

/** Files that are written: their folder, and their texts by name. */
interface Generated {
  folder: URL;
  files: Map<string, string>;
}

async function main(): Promise<void> {
  const sources = await readCrds();
  const texts = [...sources.values()];
  const crds = texts.map((text) => readCrd(text));
  const rights = await readFile(RIGHTS, "utf8");
  const files = new Map<string, string>();
  for (const crd of crds) files.set(`${crd.singular}.ts`, await generateTypes(crd));
  const validators = generateValidators(crds);
  files.set("validators.js", validators.code);
  files.set("validators.d.ts", validators.types);
  files.set("installation.ts", generateInstallation(texts, rights));
  const chart = [
    { folder: new URL("crds/", CHART), files: sources },
    { folder: new URL("templates/", CHART), files: new Map([["rbac.yaml", rightsTemplate(rights)]]) },
  ];
  const generated = [{ folder: API, files }, { folder: DASHBOARDS, files: dashboardFiles() }, { folder: PROMETHEUS, files: await ruleFiles() }, ...chart];
  const stale = (await Promise.all(generated.map(process.argv.includes("--check") ? findStale : write))).flat();
  if (stale.length === 0) return;
  console.error(`These generated files are not fresh: ${stale.join(", ")}. Run \`pnpm generate\` and commit what it writes.`);
  process.exitCode = 1;
}

async function ruleFiles(): Promise<Map<string, string>> {
  return new Map([["prometheusrule.yaml", prometheusRule(await readFile(new URL("rules.yml", PROMETHEUS), "utf8"))]]);
}

/** Their texts by the names of their files. */
async function readCrds(): Promise<Map<string, string>> {
  const names = (await readdir(CRDS)).filter((name) => name.endsWith(".yaml")).toSorted();
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(new URL(name, CRDS), "utf8")] as const)));
}

async function write({ folder, files }: Generated): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of files) await writeFile(new URL(name, folder), text);
  console.log(`Wrote ${files.size} files to ${fileURLToPath(folder)}`);
  return [];
}

async function findStale({ folder, files }: Generated): Promise<string[]> {
  const stale: string[] = [];
  for (const [name, text] of files) {
    const committed = await readFile(new URL(name, folder), "utf8").catch(() => "");
    if (committed !== text) stale.push(name);
  }
  return stale;
}

await main();
