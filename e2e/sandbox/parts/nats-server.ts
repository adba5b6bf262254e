/** nats-server with TLS, JetStream and the accounts of a new installation, and credentials for the agent of each cluster. */
import path from "node:path";

import { credsText, KEY_FILES, makeInstallation, Minter, type NatsPlace, type PublicInstallation } from "@sightline/hub/identity";
import { newSigningKey } from "@sightline/shared/identity";
import got from "got";

import type { PortSource } from "../../kit/ports.ts";
import { writeWhole } from "../file.ts";
import type { Layout } from "../layout.ts";
import type { Authority } from "../pki.ts";
import { renderNatsConfig } from "./nats-config.ts";
import { onFreePorts } from "./on-free-ports.ts";
import type { Supervisor } from "./supervisor.ts";

/** How to connect: the server's address, the authority to check it by, and the credentials file of each identity (mode 0600). */
export interface NatsAccess {
  readonly url: string;
  readonly caFile: string;
  /** The server's monitoring endpoints, plain HTTP. */
  readonly monitor: string;
  /** Folder with the keys of the installation: what a hub is started with. */
  readonly keysDir: string;
  readonly installation: PublicInstallation;
  readonly hubCredsFile: string;
  readonly systemCredsFile: string;
  /** Working credentials of an agent, by cluster: for who tries NATS itself. */
  readonly agentCredsFiles: ReadonlyMap<string, string>;
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
  return await onFreePorts(ports, 2, async (port = 0, monitorPort = 0) => {
    const url = `tls://127.0.0.1:${port}`;
    const identities = await makeIdentities(layout, clusters, { servers: [url], ca: authority.ca });
    const { installation } = identities;
    const configFile = path.join(layout.nats, "nats-server.conf");
    const { certFile, keyFile } = leaf;
    const accountsDir = path.join(layout.nats, "accounts");
    await writeWhole(configFile, renderNatsConfig({ port, monitorPort, certFile, keyFile, storeDir: layout.nats, accountsDir, installation }), 0o600);
    const monitor = `http://127.0.0.1:${monitorPort}`;
    await supervisor.start({
      name: NATS_PART,
      command: input.binary,
      args: ["--config", configFile],
      log: path.join(layout.logs, `${NATS_PART}.log`),
      layer: 1,
      ready: async () => (await got(`${monitor}/healthz`, { retry: { limit: 0 }, timeout: { request: 1000 } })).statusCode === 200,
    });
    return { url, caFile: authority.caFile, monitor, ...identities };
  });
}

type Identities = Pick<NatsAccess, "keysDir" | "installation" | "hubCredsFile" | "systemCredsFile" | "agentCredsFiles">;

async function makeIdentities(layout: Layout, clusters: readonly string[], nats: NatsPlace): Promise<Identities> {
  const { keys, public: installation } = await makeInstallation(nats);
  const keysDir = layout.keys;
  for (const [name, text] of Object.entries(keys)) await writeWhole(path.join(keysDir, name), text, 0o600);
  const minter = new Minter({ agents: installation.accounts.AGENTS.publicKey, agentsSigningSeed: keys[KEY_FILES.agentsSigning]?.trim() ?? "" });
  const agents = clusters.map(async (cluster) => [cluster, await makeAgent(path.join(keysDir, `agent-${cluster}.creds`), minter, cluster)] as const);
  return {
    keysDir,
    installation,
    hubCredsFile: path.join(keysDir, KEY_FILES.hubCreds),
    systemCredsFile: path.join(keysDir, KEY_FILES.systemCreds),
    agentCredsFiles: new Map(await Promise.all(agents)),
  };
}

const DAY_S = 86_400;

async function makeAgent(file: string, minter: Minter, cluster: string): Promise<string> {
  const { seed, key } = newSigningKey("agent");
  const jwt = await minter.mint({ kind: "working", cluster, publicKey: key.publicKey, expiresAt: Math.floor(Date.now() / 1000) + DAY_S });
  await writeWhole(file, credsText(jwt, seed), 0o600);
  return file;
}
