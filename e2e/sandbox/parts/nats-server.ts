/** nats-server with TLS, JetStream, and one NKey user for the hub, for the system account and for each cluster's agent. */
import { mkdir } from "node:fs/promises";
import path from "node:path";

import got from "got";
import { nkeys } from "nats";

import type { PortSource } from "../../kit/ports.ts";
import { writeWhole } from "../file.ts";
import type { Layout } from "../layout.ts";
import type { Authority } from "../pki.ts";
import { renderNatsConfig } from "./nats-config.ts";
import { onFreePorts } from "./on-free-ports.ts";
import type { Supervisor } from "./supervisor.ts";

/** How to connect: the server's address, the authority to check it by, and the seed file of each identity (mode 0600). */
export interface NatsAccess {
  readonly url: string;
  readonly caFile: string;
  /** The server's monitoring endpoints, plain HTTP. */
  readonly monitor: string;
  readonly hubSeedFile: string;
  readonly systemSeedFile: string;
  /** By cluster. */
  readonly agentSeedFiles: ReadonlyMap<string, string>;
}

export interface NatsInput {
  readonly supervisor: Supervisor;
  readonly layout: Layout;
  readonly binary: string;
  readonly authority: Authority;
  readonly clusters: readonly string[];
  readonly ports: PortSource;
}

export const NATS_PART = "nats-server";

export async function startNatsServer(input: NatsInput): Promise<NatsAccess> {
  const { layout, authority, supervisor, clusters, ports } = input;
  const leaf = await authority.issue("nats-server", "CN=nats-server", "server");
  const identities = await makeIdentities(layout, clusters);
  return await onFreePorts(ports, 2, async (port = 0, monitorPort = 0) => {
    const configFile = path.join(layout.nats, "nats-server.conf");
    const { certFile, keyFile } = leaf;
    const { hubKey, systemKey, agentKeys } = identities;
    await writeWhole(configFile, renderNatsConfig({ port, monitorPort, certFile, keyFile, storeDir: layout.nats, hubKey, systemKey, agentKeys }), 0o600);
    const monitor = `http://127.0.0.1:${monitorPort}`;
    await supervisor.start({
      name: NATS_PART,
      command: input.binary,
      args: ["--config", configFile],
      log: path.join(layout.logs, `${NATS_PART}.log`),
      layer: 1,
      ready: async () => (await got(`${monitor}/healthz`, { retry: { limit: 0 }, timeout: { request: 1000 } })).statusCode === 200,
    });
    return { url: `tls://127.0.0.1:${port}`, caFile: authority.caFile, monitor, ...identities.files };
  });
}

interface Identities {
  readonly hubKey: string;
  readonly systemKey: string;
  readonly agentKeys: ReadonlyMap<string, string>;
  readonly files: Pick<NatsAccess, "hubSeedFile" | "systemSeedFile" | "agentSeedFiles">;
}

async function makeIdentities(layout: Layout, clusters: readonly string[]): Promise<Identities> {
  const dir = path.join(layout.nats, "seeds");
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const hub = await makeUser(path.join(dir, "hub.nk"));
  const system = await makeUser(path.join(dir, "system.nk"));
  const agents = await Promise.all(clusters.map(async (cluster) => [cluster, await makeUser(path.join(dir, `agent-${cluster}.nk`))] as const));
  return {
    hubKey: hub.key,
    systemKey: system.key,
    agentKeys: new Map(agents.map(([cluster, { key }]) => [cluster, key])),
    files: { hubSeedFile: hub.file, systemSeedFile: system.file, agentSeedFiles: new Map(agents.map(([cluster, { file }]) => [cluster, file])) },
  };
}

async function makeUser(file: string): Promise<{ key: string; file: string }> {
  const user = nkeys.createUser();
  // Without a line end: not every reader of seed files cuts it off.
  await writeWhole(file, new TextDecoder().decode(user.getSeed()), 0o600);
  return { key: user.getPublicKey(), file };
}
