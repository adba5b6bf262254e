import path from "node:path";

import { SandboxError } from "../errors.ts";
import type { HubInput } from "./hub.ts";
import { natsArguments } from "./hub.ts";
import { answersReady, programOf } from "./node-part.ts";
import { onFreePorts } from "./on-free-ports.ts";

export interface AgentAccess {
  readonly name: string;
  readonly cluster: string;
  /** Where `/healthz`, `/readyz` and `/metrics` are. */
  readonly url: string;
  readonly metrics: string;
  readonly dataDir: string;
  readonly natsCredsFile: string;
}

/** Starts a member cluster's agent, which keeps its set under the sandbox's folder. */
export async function startAgent({ supervisor, layout, nats, ports, programs, flags }: HubInput, cluster: string): Promise<AgentAccess> {
  const name = `agent-${cluster}`;
  const dataDir = path.join(layout.agents, cluster);
  const natsCredsFile = nats.agentCredsFiles.get(cluster);
  if (natsCredsFile === undefined) throw new SandboxError(`NATS has no user for cluster ${cluster}`);
  return await onFreePorts(ports, 1, async (port) => {
    const listen = `127.0.0.1:${port}`;
    const url = `http://${listen}`;
    await supervisor.start({
      name,
      command: process.execPath,
      args: [programOf("agent", programs), "--cluster", cluster, ...natsArguments(nats), "--nats-creds", natsCredsFile, "--hub-key", nats.installation.hubSigning, "--data-dir", dataDir, "--listen", listen, ...(flags?.agent ?? [])],
      log: path.join(layout.logs, `${name}.log`),
      layer: 2,
      ready: () => answersReady(url),
    });
    return { name, cluster, url, metrics: `${url}/metrics`, dataDir, natsCredsFile };
  });
}
