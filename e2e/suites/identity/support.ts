import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock } from "@sightline/shared";
import { encodeJoinToken, type JoinToken } from "@sightline/shared/identity";
import { type Credentials, type CredentialSource, connectNats } from "@sightline/shared/nats";
import { silentLogger } from "@sightline/shared/telemetry";
import { agentInboxPrefix } from "@sightline/shared/wire";
import { AgentIdentity } from "../../../agent/src/identity/identity.ts";
import { type IdentityStore, parseIdentity, type StoredIdentity } from "../../../agent/src/identity/stored-identity.ts";
import type { Sandbox } from "../../sandbox/mod.ts";

/** Where an identity is kept for a test. */
export class MemoryStore implements IdentityStore {
  stored: StoredIdentity | undefined;

  async load(): Promise<StoredIdentity | undefined> {
    return this.stored;
  }

  async save(identity: StoredIdentity): Promise<void> {
    this.stored = identity;
  }
}

/** An agent's identity in this process, without an agent around it. */
export class LoneIdentity implements AsyncDisposable {
  readonly identity: AgentIdentity;
  readonly store: MemoryStore;
  readonly #dir: string;

  private constructor(identity: AgentIdentity, store: MemoryStore, dir: string) {
    this.identity = identity;
    this.store = store;
    this.#dir = dir;
  }

  static async start(token: JoinToken, clock: Clock = systemClock): Promise<LoneIdentity> {
    const dir = await mkdtemp(join(tmpdir(), "sightline-identity-"));
    const joinTokenFile = join(dir, "token");
    await writeFile(joinTokenFile, encodeJoinToken(token), { mode: 0o600 });
    const store = new MemoryStore();
    const identity = await AgentIdentity.open({ cluster: token.cluster, store, dataDir: dir, joinTokenFile, clock, random: Math.random, log: silentLogger });
    identity.start();
    return new LoneIdentity(identity, store, dir);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.identity.stop();
    await rm(this.#dir, { recursive: true, force: true });
  }
}

/** What the agent of a sandbox keeps of itself. */
export async function identityOf({ state }: Sandbox, cluster: string): Promise<StoredIdentity> {
  const agent = state.agents.find((one) => one.cluster === cluster);
  return parseIdentity(await readFile(join(agent?.dataDir ?? "", "identity", "identity.json"), "utf8"), "identity.json");
}

export function fixedCredentials(jwt: string, seed: string): CredentialSource {
  const current: Credentials = { jwt, seed: new TextEncoder().encode(seed) };
  return () => ({ current, renew: () => false });
}

/** Whether a server lets somebody in, and why not. */
export async function entry({ nats }: Pick<Sandbox, "nats">, cluster: string, jwt: string, seed: string): Promise<string> {
  try {
    const connection = await connectNats({ servers: [nats.url], caFile: nats.caFile, credentials: fixedCredentials(jwt, seed), name: "test", inboxPrefix: agentInboxPrefix(cluster), onceWithinMs: 5000 });
    await connection.close();
    return "let in";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A clock that runs so many times as fast, whose wall clock is wrong by so much (milliseconds). */
export function fastClock(speed: number, wrongBy: () => number): Clock {
  return {
    now: () => systemClock.now() + wrongBy(),
    monotonic: () => systemClock.monotonic() * speed,
    schedule: (delayMs, wake, options) => systemClock.schedule(delayMs / speed, wake, options),
  };
}
