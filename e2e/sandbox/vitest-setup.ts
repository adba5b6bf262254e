/** Runs once before the integration tests: fetches or builds what they need, so that no test pays for it, or fails by its time limit. */
import type { TestProject } from "vitest/node";

import { type BinaryName, CHART_NAMES, COLLECTOR_NAMES, OBSERVER_NAMES, SERVER_NAMES } from "./binaries/catalog.ts";
import { resolveBinaries } from "./binaries/resolve.ts";
import { withCompileCache } from "./compile-cache.ts";
import { messageOf } from "./errors.ts";
import { printer } from "./progress.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Why the servers cannot be had; "" when they are here. */
    missingServers: string;
    /** The same of Prometheus, Alertmanager and their tools. */
    missingObservers: string;
    /** The same of the collector of traces. */
    missingCollector: string;
    /** The same of Helm. */
    missingHelm: string;
  }
}

export async function setup(project: TestProject): Promise<void> {
  // Inherited by whatever the tests start.
  Object.assign(process.env, withCompileCache(process.env));
  project.provide("missingServers", await whyMissing(SERVER_NAMES));
  project.provide("missingObservers", await whyMissing(OBSERVER_NAMES));
  project.provide("missingCollector", await whyMissing(COLLECTOR_NAMES));
  project.provide("missingHelm", await whyMissing(CHART_NAMES));
}

async function whyMissing(names: readonly BinaryName[]): Promise<string> {
  try {
    await resolveBinaries(names, { report: printer(process.stdout) });
    return "";
  } catch (error) {
    return messageOf(error);
  }
}
