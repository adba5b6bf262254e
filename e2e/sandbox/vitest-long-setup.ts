/** Runs once before the long tests: fetches or builds what they need. Where that fails the run fails: whoever asks for it wants to know. */
import type { TestProject } from "vitest/node";

import { resolveBinaries } from "./binaries/resolve.ts";
import { printer } from "./progress.ts";
import { setup as setUpServers } from "./vitest-setup.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Path of Vault's own server. */
    vault: string;
  }
}

export async function setup(project: TestProject): Promise<void> {
  await setUpServers(project);
  project.provide("vault", (await resolveBinaries(["vault"], { report: printer(process.stdout) })).vault);
}
