import { readFile, rm } from "node:fs/promises";
import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";
import { type Plugin, rolldown } from "rolldown";
import { nodeCheck } from "./node-check.ts";

/** The programs that ship, each one file that needs nothing but Node 24 or newer, with where each begins. */
const SOURCES = { hub: "hub/src/main.ts", agent: "agent/src/main.ts", sightline: "hub/src/cli/main.ts" } as const;
export type BundleName = keyof typeof SOURCES;
export const BUNDLES = ["hub", "agent", "sightline"] as const satisfies readonly BundleName[];

const ROOT = new URL("../../", import.meta.url);

/** Path of a bundle once it is built. */
export function bundlePath(name: BundleName): string {
  return fileURLToPath(new URL(`dist/${name}/main.js`, ROOT));
}

/** OpenTelemetry's exporter loads gRPC by a `require` that it has made itself, which no bundler follows: a plain one is. */
const GRPC_INSIDE: Plugin = {
  name: "grpc-inside",
  transform: {
    filter: { id: /otlp-grpc-exporter-base/ },
    handler: (code) => ({ code: code.replaceAll('__require("@grpc/grpc-js")', 'require("@grpc/grpc-js")'), map: null }),
  },
};

/** Builds one program into `dist/<name>/main.js`. */
export async function buildBundle(name: BundleName): Promise<void> {
  await rm(new URL(`dist/${name}/`, ROOT), { recursive: true, force: true });
  const build = await rolldown({
    input: fileURLToPath(new URL(SOURCES[name], ROOT)),
    platform: "node",
    external: [/^node:/, ...builtinModules],
    plugins: [GRPC_INSIDE],
    // Syntax that an older Node cannot even read would keep the first statement from saying so.
    transform: { target: "es2022" },
    logLevel: "warn",
  });
  await build.write({
    file: bundlePath(name),
    format: "esm",
    codeSplitting: false,
    sourcemap: true,
    banner: `${nodeCheck(name)} import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);`,
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
