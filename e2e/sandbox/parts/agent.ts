import path from "node:path";

import { makeJoinToken, readHubKeys } from "@sightline/hub/identity";
import { encodeJoinToken } from "@sightline/shared/identity";

import { SandboxError } from "../errors.ts";
import { writeWhole } from "../file.ts";
import type { HubInput } from "./hub.ts";
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

/** How long a join token is good for: an agent enrols as soon as it runs. Seconds. */
const TOKEN_S = 3600;

/**
 * Starts a member cluster's agent, which keeps its set and its keys under the sandbox's folder. It enrols by a join token,
 * as `sightline join-command` makes it.
 */
export async function startAgent({ supervisor, layout, nats, ports, programs, flags }: HubInput, cluster: string): Promise<AgentAccess> {
  const name = `agent-${cluster}`;
  const dataDir = path.join(layout.agents, cluster);
  const natsCredsFile = nats.agentCredsFiles.get(cluster);
  if (natsCredsFile === undefined) throw new SandboxError(`NATS has no user for cluster ${cluster}`);
  const tokenFile = path.join(layout.agents, `${cluster}.token`);
  const token = await makeJoinToken(await readHubKeys(nats.keysDir), cluster, Math.floor(Date.now() / 1000) + TOKEN_S);
  await writeWhole(tokenFile, `${encodeJoinToken(token)}\n`, 0o600);
  return await onFreePorts(ports, 1, async (port) => {
    const listen = `127.0.0.1:${port}`;
    const url = `http://${listen}`;
    await supervisor.start({
      name,
      command: process.execPath,
      args: [programOf("agent", programs), "--cluster", cluster, "--join-token-file", tokenFile, "--data-dir", dataDir, "--listen", listen, ...(flags?.agent ?? [])],
      log: path.join(layout.logs, `${name}.log`),
      layer: 2,
      ready: () => answersReady(url),
    });
    return { name, cluster, url, metrics: `${url}/metrics`, dataDir, natsCredsFile };
  });
}
