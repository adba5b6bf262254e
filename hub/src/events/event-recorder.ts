import { type Clock, exponentialBackoff, sleep } from "@sightline/shared";
import { errorFields, type Logger } from "@sightline/shared/telemetry";
import { isKubeError } from "../kube/errors.ts";
import type { EventNote } from "../kube/events.ts";
import { TokenBucket } from "../kube/rate-limit.ts";
import { keyOf } from "../kube/resources.ts";

export interface EventRecorderOptions {
  /** Makes the Event. @throws KubeError */
  create: (note: EventNote) => Promise<unknown>;
  clock: Clock;
  random: () => number;
  logger: Logger;
}

/** Events that wait. What comes beyond is lost: an Event is a help for readers, statuses are the truth. */
const CAPACITY = 1000;
/** Events a second, and how many may go at once. */
const RATE = 25;
const BURST = 50;
const TRIES = 6;
/** How long what is left may take when the hub stops. Milliseconds. */
const DRAIN_MS = 2000;

/**
 * Writes Events in the background, in order: whoever records one never waits for it, and never fails by it. Names of
 * Events are deterministic, so that a try whose answer was lost can be repeated.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #queue: EventNote[] = [];
  readonly #bucket: TokenBucket;
  readonly #stopping = new AbortController();
  /** Monotonic: when nothing is tried any more. In the past once another hub leads. */
  #end = Number.POSITIVE_INFINITY;
  #lost = 0;
  #writing: Promise<void> | undefined;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#bucket = new TokenBucket(RATE, BURST, options.clock.monotonic());
  }

  record(note: EventNote): void {
    if (this.#stopping.signal.aborted || this.#isOver() || this.#queue.length >= CAPACITY) {
      this.#lost += 1;
      return;
    }
    this.#queue.push(note);
    this.#writing ??= this.#write();
  }

  /** Tries once more what waits, for a short while. Nothing is written afterwards. */
  async stop(): Promise<void> {
    this.#end = Math.min(this.#end, this.#options.clock.monotonic() + DRAIN_MS);
    this.#stopping.abort();
    await this.#writing;
    this.#sayLost();
  }

  async #write(): Promise<void> {
    const { clock } = this.#options;
    for (let note = this.#next(); note !== undefined; note = this.#next()) {
      await sleep(clock, this.#bucket.reserve(clock.monotonic()), this.#stopping.signal);
      await this.#create(note);
    }
    this.#sayLost();
    // In the same turn as the last look at the queue: what is recorded from here on begins anew.
    this.#writing = undefined;
  }

  #next(): EventNote | undefined {
    return this.#isOver() ? undefined : this.#queue.shift();
  }

  #isOver(): boolean {
    return this.#options.clock.monotonic() >= this.#end;
  }

  /** To be called when nothing that waits is tried any more: how many were never written, in one line. */
  #sayLost(more: Record<string, unknown> = {}): void {
    const lost = this.#lost + this.#queue.length;
    this.#queue.length = 0;
    this.#lost = 0;
    if (lost > 0) this.#options.logger.warn("Events were lost", { lost, ...more });
  }

  /** Whoever lost the lead writes nothing for good. */
  #giveUp(error: unknown): void {
    this.#end = Number.NEGATIVE_INFINITY;
    this.#lost += 1;
    this.#sayLost(errorFields(error));
  }

  async #create(note: EventNote): Promise<void> {
    const { create, clock, random, logger } = this.#options;
    const backoff = exponentialBackoff({ baseMs: 250, maxMs: 10_000, random });
    for (let attempt = 1; ; attempt += 1) {
      try {
        await create(note);
        return;
      } catch (error) {
        if (isKubeError(error, "NOT_LEADING")) return this.#giveUp(error);
        if (attempt === TRIES || this.#stopping.signal.aborted || !mayHelpToRepeat(error)) {
          logger.warn("An Event could not be written", { object: keyOf(note.object), reason: note.reason, ...errorFields(error) });
          return;
        }
        await sleep(clock, backoff.next(), this.#stopping.signal);
      }
    }
  }
}

/** A namespace that is being deleted takes no Events; an API server that is away may be back in a moment. */
function mayHelpToRepeat(error: unknown): boolean {
  return isKubeError(error, "TIMEOUT", "UNAVAILABLE", "TOO_MANY_REQUESTS");
}
