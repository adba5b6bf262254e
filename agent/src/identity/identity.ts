import { type Clock, messageOf, SightlineError, sleep } from "@sightline/shared";
import { type JoinToken, readClaims, sealingKeyOf, type SigningKey, signingKeyOf } from "@sightline/shared/identity";
import { type Credentials, type CredentialSource, type NatsSettings, refusesEntry } from "@sightline/shared/nats";
import { errorFields, type Logger } from "@sightline/shared/telemetry";
import type { IdentityAnswer, IdentityState } from "@sightline/shared/wire";
import { Conversation, type ConversationOptions } from "./conversation.ts";
import { decideStep, type IdentityView } from "./decide.ts";
import type { Opener } from "../secrets/secret-headers.ts";
import { HubKeyFile } from "./hub-key-file.ts";
import { isOld, lifeMs, sinceStart } from "./lifetimes.ts";
import { missingFor, type MissingView, notWorking } from "./missing.ts";
import { ShutOut } from "./shut-out.ts";
import { IdentityError, type IdentityStore, newKeys, type StoredIdentity } from "./stored-identity.ts";
import { TokenFile } from "./token-file.ts";

export interface AgentIdentityOptions extends ConversationOptions {
  store: IdentityStore;
  dataDir: string;
  /** File with the join token; read again and again, since another one may come. */
  joinTokenFile: string | undefined;
  clock: Clock;
  random: () => number;
  log: Logger;
}

const RETRY_TOKEN_MS = 30_000;
const RETRY_MS = 500;

/**
 * Who this agent is: it makes its own keys, enrols by a join token, waits until its cluster is accepted, and renews its
 * credentials for ever after. Whatever becomes of that, the agent probes by the set that it holds, unless the hub itself
 * says that it may not.
 */
export class AgentIdentity {
  readonly #options: AgentIdentityOptions;
  readonly #stopping = new AbortController();
  readonly #conversation: Conversation;
  readonly #tokenFile: TokenFile;
  readonly #hubKeyFile: HubKeyFile;
  readonly #shutOut: ShutOut;
  readonly #working = Promise.withResolvers<void>();
  #stored: StoredIdentity | undefined;
  #storeProblem: string | undefined;
  #workingSince: IdentityView["working"];
  #refusedToken: IdentityView["refusedToken"];
  #disconnectedSince: number | undefined;
  #askedAt: number | undefined;
  #unanswered = 0;
  /** What the hub last answered. */
  #state: IdentityState | undefined;
  #problem: string | undefined;
  /** The last question got no answer, though NATS could be reached. */
  #unheard = false;
  #signing: { seed: string; key: SigningKey } | undefined;
  #running: Promise<void> | undefined;

  private constructor(options: AgentIdentityOptions) {
    this.#options = options;
    this.#conversation = new Conversation(options);
    this.#tokenFile = new TokenFile({ ...options, file: options.joinTokenFile });
    this.#hubKeyFile = new HubKeyFile(options.dataDir);
    this.#shutOut = new ShutOut(options.dataDir, options.log);
    this.#disconnectedSince = options.clock.monotonic();
  }

  /** Reads what is there. A store that does not answer is asked again later. */
  static async open(options: AgentIdentityOptions): Promise<AgentIdentity> {
    const identity = new AgentIdentity(options);
    await identity.#hubKeyFile.load();
    await identity.#shutOut.load();
    await identity.#load();
    await identity.#tokenFile.read();
    return identity;
  }

  /** Looks after the credentials until `stop`. */
  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** The public keys (`N…`) of the hub whose heads are followed. */
  get hubKeys(): readonly string[] {
    const key = this.#stored?.hubKey ?? this.#hubKeyFile.key ?? this.#tokenFile.token?.hubKey;
    return key === undefined ? [] : [key];
  }

  /** What the agent signs its results and heartbeats with. @throws IdentityError NOT_ENROLLED */
  get signingKey(): SigningKey {
    if (this.#stored === undefined) throw notWorking(this.#lacks);
    const { agentSeed: seed } = this.#stored;
    if (this.#signing?.seed !== seed) this.#signing = { seed, key: signingKeyOf(seed) };
    return this.#signing.key;
  }

  /** Of headers that are secret; undefined before the agent has enrolled. */
  get opener(): Opener | undefined {
    if (this.#stored === undefined) return undefined;
    const { sealingSeed, hubSealingKey } = this.#stored;
    return { open: (sealed) => sealingKeyOf(sealingSeed).open(sealed, hubSealingKey) };
  }

  /** The NATS servers, as far as they are known. */
  get servers(): readonly string[] {
    const place = this.#stored ?? this.#tokenFile.token;
    return place === undefined ? (this.#options.servers ?? []) : this.#conversation.place(place).servers;
  }

  /** Where to connect to work, and as whom. @throws IdentityError NOT_ENROLLED or NOT_ACCEPTED, while there is nothing to connect with. */
  get settings(): Pick<NatsSettings, "servers" | "credentials" | "ca" | "caFile"> {
    if (this.#stored?.working === undefined) throw notWorking(this.#lacks);
    return { ...this.#conversation.place(this.#stored), credentials: this.#credentials() };
  }

  /** Why the agent has nothing to work with, for /readyz; undefined when it has. */
  get missing(): string | undefined {
    return missingFor(this.#lacks)?.message;
  }

  /** Whether the hub has said that this agent may not work. */
  get shutOut(): Pick<ShutOut, "reason" | "watch"> {
    return this.#shutOut;
  }

  /** Resolves when there is something to work with, or after a while. */
  async ready(withinMs: number): Promise<void> {
    if (this.#stored?.working === undefined) await Promise.race([this.#working.promise, sleep(this.#options.clock, withinMs, this.#stopping.signal)]);
  }

  /** To be told of the connection by which the agent works. */
  connected(is: boolean): void {
    if (is) this.#disconnectedSince = undefined;
    else this.#disconnectedSince ??= this.#options.clock.monotonic();
  }

  #credentials(): CredentialSource {
    const now = (): Credentials => ({ jwt: this.#stored?.working ?? "", seed: new TextEncoder().encode(this.#stored?.connectionSeed ?? "") });
    return () => {
      let shown = now();
      return {
        get current() {
          return shown;
        },
        renew: () => {
          const former = shown.jwt;
          shown = now();
          return shown.jwt !== former;
        },
      };
    };
  }

  get #lacks(): MissingView {
    return {
      cluster: this.#options.cluster,
      holds: { resting: this.#stored?.resting !== undefined, working: this.#stored?.working !== undefined },
      state: this.#state,
      shutOut: this.#shutOut.reason,
      cutOff: this.#unheard && this.#disconnectedSince !== undefined,
      problem: this.#problem,
      storeProblem: this.#storeProblem,
      noToken: this.#tokenFile.token === undefined ? this.#tokenFile.missing : undefined,
    };
  }

  async #run(): Promise<void> {
    const { clock, random, log } = this.#options;
    while (!this.#stopping.signal.aborted) {
      try {
        if (this.#storeProblem !== undefined) await this.#load();
        await this.#tokenFile.read();
        await this.#step(random());
      } catch (error) {
        this.#unanswered += 1;
        this.#unheard = refusesEntry(error) || (error instanceof SightlineError && error.code === "HUB_UNANSWERED");
        this.#say(messageOf(error), () => log.warn("The agent's identity cannot be looked after now", errorFields(error)));
        await sleep(clock, RETRY_MS, this.#stopping.signal);
      }
    }
  }

  async #step(random: number): Promise<void> {
    const { clock } = this.#options;
    const step = decideStep(this.#view(random));
    if (step.act === "wait") return await sleep(clock, step.ms, this.#stopping.signal);
    this.#askedAt = clock.monotonic();
    await (step.act === "enrol" ? this.#enrol() : this.#ask());
    this.#unanswered = 0;
    this.#unheard = false;
  }

  #view(random: number): IdentityView {
    return {
      // Nothing may be enrolled over an identity that cannot be read.
      token: this.#storeProblem === undefined ? this.#tokenFile.key : undefined,
      enrolledBy: this.#stored?.tokenKey,
      refusedToken: this.#refusedToken,
      hasResting: this.#stored?.resting !== undefined,
      working: this.#workingSince,
      disconnectedSince: this.#disconnectedSince,
      askedAt: this.#askedAt,
      unanswered: this.#unanswered,
      refused: this.#state === "refused",
      shutOut: this.#shutOut.reason !== undefined,
      now: this.#options.clock.monotonic(),
      random,
    };
  }

  /** By the keys that it has; by new ones, if those are not taken any more. */
  async #enrol(): Promise<void> {
    const { token } = this.#tokenFile;
    if (token === undefined) return;
    const kept = this.#state === "refused" ? undefined : this.#stored;
    let identity = await this.#prepared(token, kept);
    let answer = await this.#conversation.enrol(token, identity);
    if (answer.state === "refused" && kept !== undefined) {
      identity = await this.#prepared(token, undefined);
      answer = await this.#conversation.enrol(token, identity);
    }
    await this.#enrolled(token, identity, answer);
  }

  async #enrolled(token: JoinToken, identity: StoredIdentity, { state, reason = "the hub gave no reason", resting }: IdentityAnswer): Promise<void> {
    const { clock, cluster, log } = this.#options;
    const { sub: tokenKey } = readClaims(token.jwt);
    if (state === "refused" || resting === undefined) {
      this.#refusedToken = { key: tokenKey, againAt: clock.monotonic() + RETRY_TOKEN_MS };
      this.#say(reason, () => log.error("The hub refuses to enrol this agent", { cluster, reason }));
      return;
    }
    const { working: _, workingReceivedAt: __, ...rest } = identity;
    await this.#keep({ ...rest, tokenKey, resting });
    this.#workingSince = undefined;
    this.#state = undefined;
    this.#problem = undefined;
    this.#askedAt = undefined;
    log.info("The agent has enrolled", { cluster, agent_key: this.signingKey.publicKey });
  }

  /** Kept before they are shown to anybody: an answer that is lost can be asked for again. */
  async #prepared({ servers, ca, hubKey, hubSealingKey }: JoinToken, kept: StoredIdentity | undefined): Promise<StoredIdentity> {
    const { ca: _, ...before }: StoredIdentity = kept ?? { v: 1, cluster: this.#options.cluster, ...newKeys(), servers, hubKey, hubSealingKey };
    const identity = { ...before, servers, hubKey, hubSealingKey, ...(ca === undefined ? {} : { ca }) };
    // An identity that still rests must not be lost to one that is not known yet.
    if (this.#stored?.resting === undefined || kept !== undefined) await this.#keep(identity);
    return identity;
  }

  async #ask(): Promise<void> {
    const stored = this.#stored;
    if (stored?.resting === undefined) return;
    const answer = await this.#conversation.renew(stored, stored.resting);
    if (this.#state !== answer.state) this.#problem = undefined;
    this.#state = answer.state;
    await (answer.working === undefined ? this.#goesWithout(stored, answer) : this.#receives(stored, answer.working, answer));
  }

  async #goesWithout(stored: StoredIdentity, { state, reason = "the hub gave no reason", resting }: IdentityAnswer): Promise<void> {
    const { cluster, log } = this.#options;
    this.#say(reason, () => log.warn(state === "refused" ? "The hub refuses this agent" : "The agent waits to be accepted", { cluster, reason }));
    await this.#shutOut.say(reason);
    if (resting !== undefined && isOld(stored.resting, resting)) await this.#keep({ ...stored, resting });
  }

  async #receives(stored: StoredIdentity, working: string, { resting }: IdentityAnswer): Promise<void> {
    const { cluster, clock, log } = this.#options;
    this.#problem = undefined;
    this.#workingSince = { receivedAt: clock.monotonic(), lifeMs: lifeMs(readClaims(working)) };
    await this.#shutOut.say(undefined);
    await this.#keep({ ...stored, ...(resting === undefined ? {} : { resting }), working, workingReceivedAt: Math.floor(clock.now()) });
    this.#working.resolve();
    log.info("Working credentials were received", { cluster, life_seconds: this.#workingSince.lifeMs / 1000 });
  }

  /** Says a reason once, until it is another one. */
  #say(reason: string, tell: () => void): void {
    if (this.#problem === reason) return;
    this.#problem = reason;
    tell();
  }

  async #keep(identity: StoredIdentity): Promise<void> {
    this.#stored = identity;
    await this.#hubKeyFile.save(identity.hubKey);
    await this.#options.store.save(identity);
  }

  async #load(): Promise<void> {
    const { store, cluster, clock, log } = this.#options;
    try {
      const stored = await store.load();
      if (stored !== undefined && stored.cluster !== cluster) throw new IdentityError("IDENTITY_UNREADABLE", `the stored identity is that of cluster ${stored.cluster}`);
      this.#stored = stored;
      this.#storeProblem = undefined;
      if (stored?.working !== undefined) this.#workingSince = sinceStart(stored, clock);
    } catch (error) {
      if (this.#storeProblem === undefined) log.error("The agent's identity cannot be read", errorFields(error));
      this.#storeProblem = messageOf(error);
    }
  }
}
