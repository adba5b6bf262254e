import { type Backoff, type Clock, exponentialBackoff, messageOf, seldom, sleep } from "@sightline/shared";
import type { AssignmentReader, Delivery } from "@sightline/shared/nats";
import { type CompleteSet, type IsAuthentic, Staging, type StagingState, type StreamMessage } from "@sightline/shared/protocol";
import type { Logger } from "@sightline/shared/telemetry";
import { WireError } from "@sightline/shared/wire";
import { ResetPolicy } from "./reset-policy.ts";

export interface FollowerOptions {
  cluster: string;
  clock: Clock;
  random: () => number;
  log: Logger;
  /** Tells the hub's heads from what anybody else wrote. */
  isAuthentic: IsAuthentic;
  /** The set from disk. */
  stored: CompleteSet | undefined;
  /** A newer set is complete: switch to it. */
  onSet: (set: CompleteSet) => void;
}

/** All servers restart at once, the agents must not all read at once (in milliseconds). */
const RECONNECT_SPREAD_MS = 3000;
/** Milliseconds. */
const TELL_AGAIN_MS = 60_000;

/** Follows one cluster's assignments for ever: consumers and streams may be missing, vanish, and come back. */
export class AssignmentFollower {
  readonly #options: FollowerOptions;
  readonly #staging: Staging;
  readonly #policy: ResetPolicy;
  readonly #stop = new AbortController();
  readonly #backoff: Backoff;
  #reader: AssignmentReader | undefined;
  #resets = 0;
  #unreadableHeads = 0;
  #forgedHeads = 0;
  readonly #isNews: ReturnType<typeof seldom>;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#staging = new Staging(options.cluster, options.isAuthentic, options.stored);
    this.#backoff = exponentialBackoff({ baseMs: 100, maxMs: 2000, random: options.random });
    this.#isNews = seldom(options.clock, TELL_AGAIN_MS);
    this.#policy = new ResetPolicy({ clock: options.clock, reset: () => void this.#recover() });
  }

  /** The set to probe by, or undefined before the first complete one. */
  get active(): CompleteSet | undefined {
    return this.#staging.active;
  }

  get state(): StagingState {
    return this.#staging.state;
  }

  /** How often reading started over since the agent started. */
  get resets(): number {
    return this.#resets;
  }

  get unreadableHeads(): number {
    return this.#unreadableHeads;
  }

  /** Heads that the hub did not sign. */
  get forgedHeads(): number {
    return this.#forgedHeads;
  }

  /** Reads until `stop`. The consumer is set back at every start, so that the way to recover is always exercised. */
  async follow(reader: AssignmentReader): Promise<void> {
    this.#reader = reader;
    while (!this.#stop.signal.aborted) {
      if (await this.#startOver()) await this.#read(reader);
      await sleep(this.#options.clock, this.#backoff.next(), this.#stop.signal);
    }
  }

  /** The connection came back: what the server remembers may be older than what was read. */
  async reconnected(): Promise<void> {
    await sleep(this.#options.clock, this.#options.random() * RECONNECT_SPREAD_MS, this.#stop.signal);
    if (!this.#stop.signal.aborted) await this.#startOver();
  }

  stop(): void {
    this.#stop.abort();
    this.#policy.stop();
    this.#reader?.stop();
  }

  async #read(reader: AssignmentReader): Promise<void> {
    try {
      const end = await reader.read((delivery) => this.#receive(delivery));
      this.#options.log.info("Reading the assignments ended", { reason: end });
    } catch (error) {
      this.#options.log.warn("Reading the assignments failed", { error: messageOf(error) });
    }
    this.#policy.stop();
  }

  /** The set stayed incomplete: what is missing must come again. */
  async #recover(): Promise<void> {
    this.#options.log.info("The assignments stayed incomplete; reading them from the first one", { resets: this.#resets });
    if (!(await this.#startOver())) this.#policy.observe(this.#staging.state);
  }

  /** @returns whether the consumer was set back to the first message. */
  async #startOver(): Promise<boolean> {
    try {
      await this.#reader?.reset();
      this.#resets += 1;
      this.#policy.observe(this.#staging.state);
      return true;
    } catch (error) {
      this.#options.log.debug("The assignment consumer could not be reset", { error: messageOf(error) });
      return false;
    }
  }

  #receive({ message, startsOver }: Delivery): void {
    this.#backoff.reset();
    if (startsOver) this.#staging.startOver();
    const set = this.#stage(message);
    this.#policy.observe(this.#staging.state);
    if (set !== undefined) this.#options.onSet(set);
  }

  #stage(message: StreamMessage): CompleteSet | undefined {
    try {
      return this.#staging.receive(message);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#refuse(message, error);
      return undefined;
    }
  }

  /** Said seldom: whoever may write to the stream may do so all the time. */
  #refuse({ subject }: StreamMessage, error: WireError): void {
    const forged = error.code === "INVALID_SIGNATURE";
    if (forged) this.#forgedHeads += 1;
    else this.#unreadableHeads += 1;
    const what = forged ? "The head of the assignments is not signed by the hub, and is not followed" : "The head of the assignments cannot be read";
    if (this.#isNews(error.code)) this.#options.log.warn(what, { subject, error: error.message });
  }
}
