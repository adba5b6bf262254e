/** Runs once before the integration tests: fetches or builds the servers, so that no test pays for it, or fails by its time limit. */
import type { TestProject } from "vitest/node";

import { resolveBinaries } from "./binaries/resolve.ts";
import { messageOf } from "./errors.ts";
import { printer } from "./progress.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Why the servers cannot be had; "" when they are here. */
    missingServers: string;
  }
}

export async function setup(project: TestProject): Promise<void> {
  try {
    await resolveBinaries(["etcd", "kube-apiserver", "nats-server"], { report: printer(process.stdout) });
    project.provide("missingServers", "");
  } catch (error) {
    project.provide("missingServers", messageOf(error));
  }
}
