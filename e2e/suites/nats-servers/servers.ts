/** Three nats-servers by the example configuration in deploy/nats, with the files that sightline init makes. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { accountsConfig, KEY_FILES, makeInstallation, type PublicInstallation } from "@sightline/hub/identity";
import got from "got";

import { freePorts } from "../../kit/ports.ts";
import { resolveBinaries } from "../../sandbox/mod.ts";
import { writeWhole } from "../../sandbox/file.ts";
import { onFreePorts } from "../../sandbox/parts/on-free-ports.ts";
import { type Authority, createAuthority } from "../../sandbox/pki.ts";
import { silent } from "../../sandbox/progress.ts";
import { inWorkshop, type Parts, partsOf, type Workshop } from "../../sandbox/servers.ts";

const EXAMPLE = path.join(import.meta.dirname, "..", "..", "..", "deploy", "nats", "nats-server.conf");
const NAMES = ["nats-0", "nats-1", "nats-2"];
/** Ports of one server: for clients, for looking at it, for the other servers. */
const PORTS = 3;

interface Server {
  readonly name: string;
  readonly dir: string;
  readonly client: number;
  readonly monitor: number;
  readonly route: number;
}

export interface ExampleServers {
  readonly parts: Parts;
  readonly urls: string[];
  /** The authority that clients trust; exchange() replaces it. */
  readonly caFile: string;
  readonly hubCredsFile: string;
  readonly systemCredsFile: string;
  readonly installation: PublicInstallation;
  /** Gives all servers certificates of a new authority, and has them read these anew. While it lasts, both are trusted. */
  exchangeCertificates(meanwhile: () => Promise<void>): Promise<{ formerCa: string }>;
  /** When each server was started, as it says itself. */
  startTimes(): Promise<string[]>;
  stop(): Promise<void>;
}

export async function startExampleServers(): Promise<ExampleServers> {
  const root = await mkdtemp(path.join(tmpdir(), "sightline-nats-servers-"));
  const cleanUp = (): Promise<void> => rm(root, { recursive: true, force: true });
  const started = await inWorkshop({ dir: path.join(root, "nats") }, startOnFreePorts).catch(async (error: unknown) => {
    await cleanUp();
    throw error;
  });
  return {
    ...started,
    stop: async () => {
      await started.parts.stop();
      await cleanUp();
    },
  };
}

function startOnFreePorts(workshop: Workshop): Promise<Omit<ExampleServers, "stop">> {
  return onFreePorts(freePorts, NAMES.length * PORTS, (...ports) => startAll(workshop, ports));
}

async function startAll(workshop: Workshop, ports: readonly number[]): Promise<Omit<ExampleServers, "stop">> {
  const { layout, supervisor, authority } = workshop;
  const servers = NAMES.map((name, index) => serverOn(name, path.join(layout.dir, name), ports.slice(index * PORTS)));
  const urls = servers.map(({ client }) => `tls://127.0.0.1:${client}`);
  const made = await makeInstallation({ servers: urls, ca: authority.ca });
  for (const [name, text] of Object.entries(made.keys)) await writeWhole(path.join(layout.keys, name), text, 0o600);
  const example = await readFile(EXAMPLE, "utf8");
  const { "nats-server": command } = await resolveBinaries(["nats-server"], { report: silent });
  const start = async (server: Server): Promise<void> => {
    const config = path.join(server.dir, "nats-server.conf");
    await mkdir(server.dir, { recursive: true });
    await certify(server, authority, authority.ca);
    await writeWhole(path.join(server.dir, "nats-accounts.conf"), `${JSON.stringify(accountsConfig(made.public, path.join(server.dir, "jwt")), null, 2)}\n`);
    await writeWhole(config, configOf(example, server, servers));
    const ready = async (): Promise<boolean> => (await got(`http://127.0.0.1:${server.monitor}/healthz`, { retry: { limit: 0 }, timeout: { request: 1000 } })).statusCode === 200;
    await supervisor.start({ name: server.name, command, args: ["--config", config], log: path.join(layout.logs, `${server.name}.log`), layer: 1, ready });
  };
  await Promise.all(servers.map(start));
  const parts = partsOf(workshop);
  return {
    parts,
    urls,
    caFile: authority.caFile,
    hubCredsFile: path.join(layout.keys, KEY_FILES.hubCreds),
    systemCredsFile: path.join(layout.keys, KEY_FILES.systemCreds),
    installation: made.public,
    exchangeCertificates: (meanwhile) => exchange({ command, servers, parts, before: authority, next: path.join(layout.dir, "next-pki") }, meanwhile),
    startTimes: () => Promise.all(servers.map(async ({ monitor }) => (await got(`http://127.0.0.1:${monitor}/varz`).json<{ start: string }>()).start)),
  };
}

function serverOn(name: string, dir: string, [client = 0, monitor = 0, route = 0]: readonly number[]): Server {
  return { name, dir, client, monitor, route };
}

/** The example with what differs on this machine. Each text must stand there: what is gone from it is not tested any more. */
function configOf(example: string, server: Server, all: readonly Server[]): string {
  const routes = all.map(({ route }) => `"tls://127.0.0.1:${route}"`).join(", ");
  const changes: [string, string][] = [
    ['server_name: "nats-0"', `server_name: "${server.name}"`],
    ['listen: "0.0.0.0:4222"', `listen: "127.0.0.1:${server.client}"`],
    ['http: "127.0.0.1:8222"', `http: "127.0.0.1:${server.monitor}"`],
    ['listen: "0.0.0.0:6222"', `listen: "127.0.0.1:${server.route}"`],
    ['"tls://nats-0:6222", "tls://nats-1:6222", "tls://nats-2:6222"', routes],
    ['"/data/jetstream"', `"${path.join(server.dir, "jetstream")}"`],
    ["/etc/nats/tls/", `${path.join(server.dir, "tls")}/`],
  ];
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`deploy/nats/nats-server.conf does not hold ${from} any more: say here what stands in its place`);
    return text.replaceAll(from, to);
  }, example);
}

/** @param trusted whom the servers believe among themselves. */
async function certify({ name, dir }: Server, authority: Authority, trusted: string): Promise<void> {
  const { cert, key } = await authority.issue(name, `CN=${name}`, "both");
  const files = path.join(dir, "tls");
  await mkdir(files, { recursive: true });
  await writeWhole(path.join(files, "tls.crt"), cert);
  await writeWhole(path.join(files, "tls.key"), key, 0o600);
  await writeWhole(path.join(files, "ca.crt"), trusted);
}

interface Exchange {
  readonly command: string;
  readonly servers: readonly Server[];
  readonly parts: Parts;
  readonly before: Authority;
  readonly next: string;
}

/** As docs/operate/nats.md says: first all trust both authorities, then certificates are exchanged, then the former one goes. */
async function exchange({ command, servers, parts, before, next }: Exchange, meanwhile: () => Promise<void>): Promise<{ formerCa: string }> {
  await mkdir(next, { recursive: true });
  const authority = await createAuthority(next);
  const both = `${before.ca}\n${authority.ca}\n`;
  const reload = async (): Promise<void> => {
    for (const { name } of servers) await promisify(execFile)(command, ["--signal", `reload=${parts.part(name).pid}`]);
  };
  await writeWhole(before.caFile, both);
  for (const { dir } of servers) await writeWhole(path.join(dir, "tls", "ca.crt"), both);
  await reload();
  for (const server of servers) await certify(server, authority, both);
  await reload();
  await meanwhile();
  await writeWhole(before.caFile, authority.ca);
  for (const { dir } of servers) await writeWhole(path.join(dir, "tls", "ca.crt"), authority.ca);
  await reload();
  return { formerCa: before.ca };
}
