import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseClusterSpecs, type Sandbox, type SandboxOptions, startSandbox, THREE_CLUSTERS } from "../sandbox/mod.ts";
import { HubApi } from "./hub-api.ts";
import got from "got";
import type { HubState } from "../sandbox/mod.ts";
import { textAt } from "./json.ts";
import { type Sample, scrape } from "./metrics.ts";
import { startTarget, type Target } from "./target.ts";
import { waitUntil } from "./wait.ts";

/** A sandbox of a suite's own, with the hub's API at hand, and something to probe. */
export interface Stage extends AsyncDisposable {
  sandbox: Sandbox;
  api: HubApi;
  target: Target;
  /** The first hub's metrics. */
  hubMetrics(): Promise<Sample[]>;
  /** One agent's metrics. */
  agentMetrics(cluster: string): Promise<Sample[]>;
}

/** Starts a sandbox in a temporary folder, which goes away with it, and a target whose paths answer 404 as yet. */
export async function openStage(clusters = THREE_CLUSTERS, options: Pick<SandboxOptions, "programs" | "hubs" | "flags"> = {}): Promise<Stage> {
  const dir = await mkdtemp(join(tmpdir(), "sightline-suite-"));
  const [sandbox, target] = await Promise.all([startSandbox({ ...options, dir, clusters: parseClusterSpecs(clusters) }), startTarget()]);
  return {
    sandbox,
    api: new HubApi(sandbox.kube.client),
    target,
    hubMetrics: () => scrape(sandbox.state.hubs[0]?.metrics ?? ""),
    agentMetrics: (cluster) => scrape(sandbox.state.agents.find((agent) => agent.cluster === cluster)?.metrics ?? ""),
    [Symbol.asyncDispose]: async () => {
      await sandbox.stop();
      await target.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** What a hub says of itself at /readyz; "unknown" from one that does not answer. */
export async function roleOf({ api }: Pick<HubState, "api">): Promise<{ role: string; ready: boolean }> {
  try {
    const { statusCode, body } = await got(`${api}/readyz`, { retry: { limit: 0 }, timeout: { request: 2000 }, throwHttpErrors: false });
    const said: unknown = JSON.parse(body);
    return { role: textAt(said, "role") ?? "unknown", ready: statusCode === 200 };
  } catch {
    return { role: "unknown", ready: false };
  }
}

/** Waits until a hub (other than `except`) leads and is ready. */
export async function activeHub(stage: Pick<Stage, "sandbox">, except?: string): Promise<HubState> {
  return await waitUntil({ what: "a hub that leads", timeoutMs: 60_000 }, async () => {
    const candidates = stage.sandbox.state.hubs.filter(({ name }) => name !== except);
    const states = await Promise.all(candidates.map(async (hub) => ({ hub, ...(await roleOf(hub)) })));
    return states.find(({ role, ready }) => role === "active" && ready)?.hub;
  });
}
