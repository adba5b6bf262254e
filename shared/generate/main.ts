import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { generateTypes, generateValidators, type Crd, readCrd } from "./crd.ts";

/**
 * Writes shared/src/api/generated from crds/: the types and the validators of our kinds.
 * With `--check` it writes nothing, and fails when what is committed differs.
 */
const CRDS = new URL("../../crds/", import.meta.url);
const OUT = new URL("../src/api/generated/", import.meta.url);

async function main(): Promise<void> {
  const crds = await readCrds();
  const files = new Map<string, string>();
  for (const crd of crds) files.set(`${crd.singular}.ts`, await generateTypes(crd));
  const validators = generateValidators(crds);
  files.set("validators.js", validators.code);
  files.set("validators.d.ts", validators.types);
  const stale = process.argv.includes("--check") ? await findStale(files) : await write(files);
  if (stale.length === 0) return;
  console.error(`These generated files are not fresh: ${stale.join(", ")}. Run \`pnpm generate\` and commit what it writes.`);
  process.exitCode = 1;
}

async function readCrds(): Promise<Crd[]> {
  const names = (await readdir(CRDS)).filter((name) => name.endsWith(".yaml")).toSorted();
  return Promise.all(names.map(async (name) => readCrd(await readFile(new URL(name, CRDS), "utf8"))));
}

async function write(files: Map<string, string>): Promise<string[]> {
  await mkdir(OUT, { recursive: true });
  for (const [name, text] of files) await writeFile(new URL(name, OUT), text);
  console.log(`Wrote ${files.size} files to ${fileURLToPath(OUT)}`);
  return [];
}

async function findStale(files: Map<string, string>): Promise<string[]> {
  const stale: string[] = [];
  for (const [name, text] of files) {
    const committed = await readFile(new URL(name, OUT), "utf8").catch(() => "");
    if (committed !== text) stale.push(name);
  }
  return stale;
}

await main();
