import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { credsText, KEY_FILES, Minter } from "@sightline/hub/identity";
import { newSigningKey, signingKeyOf } from "@sightline/shared/identity";
import { ensureAgentConsumer, type NatsSettings, reconcileStreams } from "@sightline/shared/nats";
import { agentInboxPrefix, agentPermissions, joinInboxPrefix, joinPermissions, restingPermissions, type SubjectPermissions } from "@sightline/shared/wire";
import { connect, credsAuthenticator, type NatsConnection } from "nats";

import { type Nats, startNats } from "../../sandbox/mod.ts";

/** One name begins with another one: what is compared as a text alone would mix them up. */
export const CLUSTERS = ["eu-1", "us-1", "eu"] as const;

export const KINDS = ["join", "resting", "working"] as const;
export type Kind = (typeof KINDS)[number];

/** What the agent of a cluster may do by each kind of credentials. */
export const PERMISSIONS: Readonly<Record<Kind, (cluster: string) => SubjectPermissions>> = {
  join: joinPermissions,
  resting: restingPermissions,
  working: agentPermissions,
};

const HOUR_S = 3600;

/** A real nats-server with the accounts of an installation, the hub's streams, a consumer for each cluster, and no hub. */
export class Isolation implements AsyncDisposable {
  readonly nats: Nats;
  /** With all rights in the account HUB. */
  readonly hub: NatsConnection;
  readonly #root: string;
  readonly #agentsSeed: string;
  readonly #connections: NatsConnection[] = [];

  private constructor(nats: Nats, hub: NatsConnection, rest: { root: string; agentsSeed: string }) {
    this.nats = nats;
    this.hub = hub;
    this.#root = rest.root;
    this.#agentsSeed = rest.agentsSeed;
    this.#connections.push(hub);
  }

  static async open(): Promise<Isolation> {
    const root = await mkdtemp(path.join(tmpdir(), "sightline-isolation-"));
    const nats = await startNats({ dir: path.join(root, "nats"), clusters: [] });
    const { url, caFile, hubCredsFile, keysDir } = nats.nats;
    const hub = await connect({ servers: url, tls: { caFile }, authenticator: credsAuthenticator(await readFile(hubCredsFile)) });
    await reconcileStreams(hub, 1);
    for (const cluster of CLUSTERS) await ensureAgentConsumer(hub, cluster, 0);
    const agentsSeed = (await readFile(path.join(keysDir, KEY_FILES.agentsSigning), "utf8")).trim();
    return new Isolation(nats, hub, { root, agentsSeed });
  }

  /** Credentials of a cluster's agent, as the hub would make them. */
  async credentials(cluster: string, kind: Kind): Promise<{ jwt: string; seed: string }> {
    const { seed, key } = newSigningKey("agent");
    const minter = new Minter({ agents: this.nats.nats.installation.accounts.AGENTS.publicKey, agentsSigningSeed: this.#agentsSeed });
    const jwt = await minter.mint({ kind, cluster, publicKey: key.publicKey, expiresAt: Math.floor(Date.now() / 1000) + HOUR_S });
    return { jwt, seed };
  }

  /** The agent of a cluster as a bare client. */
  async agent(cluster: string, kind: Kind): Promise<NatsConnection> {
    const { jwt, seed } = await this.credentials(cluster, kind);
    return await this.#connect(credsText(jwt, seed), kind === "join" ? joinInboxPrefix(cluster) : agentInboxPrefix(cluster));
  }

  /** How the product's own agent of a cluster connects. */
  async settings(cluster: string, kind: Kind): Promise<NatsSettings> {
    const { jwt, seed } = await this.credentials(cluster, kind);
    const current = { jwt, seed: Buffer.from(seed) };
    const { url, caFile } = this.nats.nats;
    return { servers: [url], caFile, name: "test", credentials: () => ({ current, renew: () => false }) };
  }

  /** With all rights in the account AGENTS: nobody has them, and nothing of ours can make such credentials. */
  async everyAgent(): Promise<NatsConnection> {
    const { seed, key } = newSigningKey("agent");
    return await this.#connect(credsText(this.#unlimited(key.publicKey), seed));
  }

  #unlimited(publicKey: string): string {
    const signing = signingKeyOf(this.#agentsSeed);
    const limits = { subs: -1, data: -1, payload: -1 };
    const nats = { type: "user", version: 2, issuer_account: this.nats.nats.installation.accounts.AGENTS.publicKey, ...limits };
    const claims = { jti: publicKey, iat: 0, iss: signing.publicKey, sub: publicKey, name: "every-agent", nats };
    const text = [{ typ: "JWT", alg: "ed25519-nkey" }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    return `${text}.${Buffer.from(signing.sign(Buffer.from(text))).toString("base64url")}`;
  }

  /** The user of the system account. */
  async system(): Promise<NatsConnection> {
    return await this.#connect(await readFile(this.nats.nats.systemCredsFile, "utf8"));
  }

  async #connect(creds: string, inboxPrefix?: string): Promise<NatsConnection> {
    const { url, caFile } = this.nats.nats;
    const connection = await connect({ servers: url, tls: { caFile }, authenticator: credsAuthenticator(Buffer.from(creds)), ...(inboxPrefix !== undefined && { inboxPrefix }) });
    this.#connections.push(connection);
    return connection;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()));
    await this.nats.stop();
    await rm(this.#root, { recursive: true, force: true });
  }
}
