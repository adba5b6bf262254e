import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseClusterSpecs, type Sandbox, type SandboxOptions, startSandbox } from "../sandbox/mod.ts";
import { HubApi } from "./hub-api.ts";
import { type Sample, scrape } from "./metrics.ts";

export const THREE_CLUSTERS = "eu-1:eu-west-1:production,us-1:us-east-1:production,ap-1:ap-south-1:staging";

/** A sandbox of a suite's own, with the hub's API at hand. */
export interface Stage extends AsyncDisposable {
  sandbox: Sandbox;
  api: HubApi;
  /** The first hub's metrics. */
  hubMetrics(): Promise<Sample[]>;
  /** One agent's metrics. */
  agentMetrics(cluster: string): Promise<Sample[]>;
}

/** Starts a sandbox in a temporary folder, which goes away with it. */
export async function openStage(clusters = THREE_CLUSTERS, options: Pick<SandboxOptions, "programs" | "hubs"> = {}): Promise<Stage> {
  const dir = await mkdtemp(join(tmpdir(), "sightline-suite-"));
  const sandbox = await startSandbox({ ...options, dir, clusters: parseClusterSpecs(clusters) });
  return {
    sandbox,
    api: new HubApi(sandbox.kube.client),
    hubMetrics: () => scrape(sandbox.state.hubs[0]?.metrics ?? ""),
    agentMetrics: (cluster) => scrape(sandbox.state.agents.find((agent) => agent.cluster === cluster)?.metrics ?? ""),
    [Symbol.asyncDispose]: async () => {
      await sandbox.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
