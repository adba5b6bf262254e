import type { Clock, Timer } from "@sightline/shared";
import { ItemBackoff, TokenBucket } from "./rate-limit.ts";

/** Numbers of the queue; the defaults are client-go's (CONTRACT 8). */
export interface WorkQueueLimits {
  /** Delay of a key's first retry in milliseconds; doubles with each further one. */
  baseMs: number;
  maxMs: number;
  /** All retries together: so many a second on average, and so many at once. */
  retriesPerSecond: number;
  burst: number;
}

/** Turns that news may have in a row while routine waits. */
const NEWS_BEFORE_ROUTINE = 7;

export const DEFAULT_LIMITS: WorkQueueLimits = { baseMs: 5, maxMs: 1_000_000, retriesPerSecond: 10, burst: 100 };

/**
 * The keyed queue of client-go (k8s.io/client-go/util/workqueue), for one process.
 *
 * - A key waits at most once, however often it is added.
 * - A key that was handed out by `get` is not handed out again before `done`; added meanwhile, it waits again after `done`.
 * - `addAfter` adds later; of several delays the earliest wins.
 * - News goes before routine: a key that only its own time brought back waits behind those that something happened to, but
 *   every eighth turn is routine's. So an outage is not shown later because there is much to refresh.
 * - `addRateLimited` adds after the key's own exponential back-off, and no sooner than the overall bucket allows;
 *   `forget` ends the key's back-off.
 *
 * Every `get` must be followed by `done`, whatever happened.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #backoff: ItemBackoff;
  readonly #bucket: TokenBucket;
  /** Keys that something happened to, in order of waiting. A Set keeps order and holds each key once. */
  readonly #waiting = new Set<string>();
  /** Keys that only their time brought back, in order of waiting. A key waits here or above, never in both. */
  readonly #routine = new Set<string>();
  #newsInARow = 0;
  readonly #running = new Set<string>();
  /** Added while running: to wait again when done. */
  readonly #dirtied = new Set<string>();
  readonly #delayed = new Map<string, { at: number; timer: Timer; routine: boolean }>();
  readonly #takers: ((key: string | undefined) => void)[] = [];
  #closed = false;

  constructor(clock: Clock, limits: WorkQueueLimits = DEFAULT_LIMITS) {
    this.#clock = clock;
    this.#backoff = new ItemBackoff(limits.baseMs, limits.maxMs);
    this.#bucket = new TokenBucket(limits.retriesPerSecond, limits.burst, clock.monotonic());
  }

  /** Keys that could be taken now. */
  get depth(): number {
    return this.#waiting.size + this.#routine.size;
  }

  /** Keys that wait for their time. */
  get delayed(): number {
    return this.#delayed.size;
  }

  add(key: string): void {
    if (this.#closed) return;
    if (this.#running.has(key)) this.#dirtied.add(key);
    else {
      this.#routine.delete(key);
      this.#waiting.add(key);
      this.#serve();
    }
  }

  /**
   * Adds the key in `delayMs`; a delay that is pending already stays when it ends sooner.
   * @param options routine: it is only looked at again, nothing is known to have happened to it.
   */
  addAfter(key: string, delayMs: number, { routine = false }: { routine?: boolean } = {}): void {
    if (delayMs <= 0) return this.add(key);
    if (this.#closed) return;
    const at = this.#clock.monotonic() + delayMs;
    const pending = this.#delayed.get(key);
    const routineStill = routine && pending?.routine !== false;
    if (pending !== undefined && pending.at <= at) pending.routine = routineStill;
    else {
      pending?.timer.cancel();
      const entry = { at, routine: routineStill, timer: this.#clock.schedule(delayMs, () => this.#due(key, entry)) };
      this.#delayed.set(key, entry);
    }
  }

  /** Adds the key after its back-off. @returns the delay in milliseconds. */
  addRateLimited(key: string): number {
    const delayMs = Math.max(this.#backoff.next(key), this.#bucket.reserve(this.#clock.monotonic()));
    this.addAfter(key, delayMs);
    return delayMs;
  }

  /** Ends the key's back-off: its next failure starts from the base again. */
  forget(key: string): void {
    this.#backoff.forget(key);
  }

  /** Failures in a row of the key, since it was last forgotten. */
  failures(key: string): number {
    return this.#backoff.failures(key);
  }

  /** The next key, waiting for one if need be; undefined when the queue was shut down. */
  get(): Promise<string | undefined> {
    const key = this.#next();
    if (key !== undefined) return Promise.resolve(this.#hand(key));
    if (this.#closed) return Promise.resolve(undefined);
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  /** Says that the run of a key that `get` gave has ended. */
  done(key: string): void {
    this.#running.delete(key);
    if (this.#dirtied.delete(key)) this.add(key);
  }

  /** Takes nothing in any more; what waits is still given out, then `get` gives undefined. */
  shutDown(): void {
    this.#closed = true;
    for (const { timer } of this.#delayed.values()) timer.cancel();
    this.#delayed.clear();
    this.#dirtied.clear();
    for (const take of this.#takers.splice(0)) take(undefined);
  }

  #due(key: string, { routine }: { routine: boolean }): void {
    this.#delayed.delete(key);
    if (!routine || this.#running.has(key) || this.#waiting.has(key)) return this.add(key);
    this.#routine.add(key);
    this.#serve();
  }

  #next(): string | undefined {
    const [news] = this.#waiting;
    const [routine] = this.#routine;
    return routine !== undefined && (news === undefined || this.#newsInARow >= NEWS_BEFORE_ROUTINE) ? routine : news;
  }

  #hand(key: string): string {
    this.#newsInARow = this.#waiting.delete(key) ? this.#newsInARow + 1 : 0;
    this.#routine.delete(key);
    this.#running.add(key);
    return key;
  }

  /** Gives the first waiting key to the first that asked. */
  #serve(): void {
    const key = this.#next();
    const take = key === undefined ? undefined : this.#takers.shift();
    if (key !== undefined && take !== undefined) take(this.#hand(key));
  }
}
