import { canonicalJson, type Clock, sleep } from "@sightline/shared";
import { type AccountOnServer, FirstConnection, type SystemLink } from "@sightline/shared/nats";
import { errorFields, type Logger, reasonFields } from "@sightline/shared/telemetry";
import type { HubKeys } from "../identity/hub-keys.ts";
import { accountContent, accountRights, encodeAgentsAccount } from "../identity/minting.ts";
import type { RevocationBook } from "./revocation-book.ts";
import { accountRevocations, isInForce, type Revocations } from "./revocations.ts";

export interface RevokerOptions {
  book: RevocationBook;
  keys: Pick<HubKeys, "installation" | "operatorSigningSeed">;
  /** One attempt to connect as the system's user. */
  connect: () => Promise<SystemLink>;
  clock: Clock;
  random: () => number;
  logger: Logger;
}

/** Servers that were down come back with what they had: they are looked at this often. Milliseconds. */
const LOOK_MS = 15_000;
/** While a server lacks something. Milliseconds. */
const AGAIN_MS = 1000;

/**
 * Sees to it that every NATS server refuses what is revoked: it pushes the agents' account, and asks each server whether
 * it has it, at every change, at every reconnect and on a timer. The list is Kubernetes', so that NATS may lose its own.
 */
export class Revoker {
  readonly #options: RevokerOptions;
  readonly #stopping = new AbortController();
  readonly #first: FirstConnection<SystemLink>;
  #wake: AbortController = new AbortController();
  #running: Promise<void> | undefined;
  /** What was last found in force everywhere: told once. */
  #settled = "";
  /** What was last pushed, and which servers have it on disk: those that have not loaded the account will load that. */
  #stored: { what: string; ids: ReadonlySet<string> } = { what: "", ids: new Set() };

  constructor(options: RevokerOptions) {
    this.#options = options;
    const onFailure = (error: unknown): void => options.logger.error("Connecting to NATS as the system's user failed: nothing can be revoked", reasonFields(error));
    this.#first = new FirstConnection({ ...options, signal: this.#stopping.signal, onFailure });
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.nudge();
    await this.#running;
  }

  /** Something was revoked: servers are looked at now. */
  nudge(): void {
    this.#wake.abort();
  }

  async #run(): Promise<void> {
    const link = await this.#first.made();
    if (link === undefined) return;
    link.onReconnect(() => this.nudge());
    while (!this.#stopping.signal.aborted) {
      this.#wake = new AbortController();
      const settled = await this.#look(link);
      await sleep(this.#options.clock, settled ? LOOK_MS : AGAIN_MS, this.#wake.signal);
    }
    await link.close();
  }

  /** @returns whether all servers that are there have all of it. */
  async #look(link: SystemLink): Promise<boolean> {
    const { book, logger } = this.#options;
    try {
      const list = await book.load();
      const wanted = await this.#account(list);
      const isBehind = (server: AccountOnServer): boolean => (server.jwt === "" ? !this.#hasStored(server, accountContent(wanted)) : !isCurrent(server, wanted, list));
      const servers = await this.#servers(link);
      if (servers.length > 0 && !servers.some(isBehind)) return this.#settle(list, servers);
      this.#stored = { what: accountContent(wanted), ids: new Set(await link.push(wanted)) };
      const after = await this.#servers(link);
      if (after.length > 0 && !after.some(isBehind)) return this.#settle(list, after);
      logger.warn("Not every NATS server has all revocations yet", { behind: after.filter(isBehind).map(({ server }) => server) });
    } catch (error) {
      if (!this.#stopping.signal.aborted) logger.warn("Revocations cannot be looked after now", errorFields(error));
    }
    return false;
  }

  #settle(list: Revocations, servers: readonly AccountOnServer[]): true {
    const names = servers.map(({ server }) => server).toSorted();
    const settled = canonicalJson([list.map(({ key, revokedAt }) => [key, revokedAt]), names]);
    if (settled !== this.#settled) this.#options.logger.info("All revocations are in force", { revocations: list.length, servers: names });
    this.#settled = settled;
    return true;
  }

  #hasStored({ id }: AccountOnServer, what: string): boolean {
    return this.#stored.what === what && this.#stored.ids.has(id);
  }

  #servers(link: SystemLink): Promise<AccountOnServer[]> {
    return link.account(this.#options.keys.installation.accounts.AGENTS.publicKey);
  }

  #account(list: Revocations): Promise<string> {
    const { installation, operatorSigningSeed } = this.#options.keys;
    const { AGENTS, HUB } = installation.accounts;
    return encodeAgentsAccount({ agents: AGENTS.publicKey, hub: HUB.publicKey, agentsSigning: installation.agentsSigning, operatorSigningSeed, revocations: accountRevocations(list) });
  }
}

/** Whether a server refuses all that is revoked, and lets agents do what this version needs. */
function isCurrent({ jwt, revoked }: AccountOnServer, wanted: string, list: Revocations): boolean {
  return isInForce(list, revoked) && accountRights(jwt) === accountRights(wanted);
}
