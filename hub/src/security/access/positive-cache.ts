import type { Clock } from "@sightline/shared";

/** For how long a permission that was taken back may still be in force. Milliseconds. */
export const POSITIVE_TTL_MS = 10_000;

const MAX_ENTRIES = 1000;

export interface PositiveCacheOptions {
  /** Milliseconds. */
  ttlMs?: number;
  maxEntries?: number;
}

/** Remembers who was let through, for a while: a refusal is never remembered, so that a right that was given works at once. */
export class PositiveCache<T> {
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #maxEntries: number;
  readonly #entries = new Map<string, { value: T; until: number }>();

  constructor(clock: Clock, { ttlMs = POSITIVE_TTL_MS, maxEntries = MAX_ENTRIES }: PositiveCacheOptions = {}) {
    this.#clock = clock;
    this.#ttlMs = ttlMs;
    this.#maxEntries = maxEntries;
  }

  get(key: string): T | undefined {
    const found = this.#entries.get(key);
    if (found === undefined || found.until > this.#clock.monotonic()) return found?.value;
    this.#entries.delete(key);
    return undefined;
  }

  /** The oldest makes room: it ends first anyway. */
  put(key: string, value: T): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: this.#clock.monotonic() + this.#ttlMs });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#maxEntries && oldest !== undefined) this.#entries.delete(oldest);
  }
}
