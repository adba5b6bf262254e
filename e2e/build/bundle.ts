import { readFile, rm } from "node:fs/promises";
import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

/** The programs that ship, each one file that needs nothing but Node. */
export const BUNDLES = ["hub", "agent"] as const;
export type BundleName = (typeof BUNDLES)[number];

const ROOT = new URL("../../", import.meta.url);

/** Path of a bundle once it is built. */
export function bundlePath(name: BundleName): string {
  return fileURLToPath(new URL(`dist/${name}/main.js`, ROOT));
}

/** Builds one program into `dist/<name>/main.js`. */
export async function buildBundle(name: BundleName): Promise<void> {
  await rm(new URL(`dist/${name}/`, ROOT), { recursive: true, force: true });
  const build = await rolldown({
    input: fileURLToPath(new URL(`${name}/src/main.ts`, ROOT)),
    platform: "node",
    external: [/^node:/, ...builtinModules],
    logLevel: "warn",
  });
  await build.write({
    file: bundlePath(name),
    format: "esm",
    codeSplitting: false,
    sourcemap: true,
    banner: `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);`,
  });
  await build.close();
}

if (import.meta.main) {
  for (const name of BUNDLES) {
    await buildBundle(name);
    const { length } = await readFile(bundlePath(name));
    console.log(`${name}: dist/${name}/main.js, ${(length / 1024 / 1024).toFixed(1)} MB`);
  }
}
