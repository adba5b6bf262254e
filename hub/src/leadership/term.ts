import type { Clock } from "@sightline/shared";

/** Says whether a write may leave. To be asked right before each one: what was true a line ago may be true no more. */
export interface Fence {
  mayWrite(): boolean;
  /** Aborts when nothing may be written any more, so that what is under way ends. */
  readonly closed: AbortSignal;
}

/**
 * One time of leading, from taking the Lease to losing it or giving it back. Measured on the monotonic clock: a process
 * that was stopped and goes on finds its time up at its first look, before it writes anything.
 */
export class Term implements Fence {
  readonly #clock: Clock;
  readonly #deadlineMs: number;
  readonly #retired = new AbortController();
  readonly #ended = new AbortController();
  #renewedAt: number;

  /**
   * @param deadlineMs how long after the last renewal the term ends. Well under the Lease's duration.
   * @param sentAt when the request that took the Lease was sent: others count from when they saw its effect, which is later.
   */
  constructor(clock: Clock, deadlineMs: number, sentAt: number) {
    this.#clock = clock;
    this.#deadlineMs = deadlineMs;
    this.#renewedAt = sentAt;
  }

  /** Milliseconds until the term ends unless it is renewed; 0 or less when it has. */
  get leftMs(): number {
    return this.#ended.signal.aborted ? 0 : this.#renewedAt + this.#deadlineMs - this.#clock.monotonic();
  }

  mayWrite(): boolean {
    return this.leftMs > 0;
  }

  /** Aborts when the work should end: it may still write until the term is over, unless that is why. */
  get retired(): AbortSignal {
    return this.#retired.signal;
  }

  get closed(): AbortSignal {
    return this.#ended.signal;
  }

  renewed(sentAt: number): void {
    this.#renewedAt = Math.max(this.#renewedAt, sentAt);
  }

  /** Asks for the work to end in good order. */
  retire(): void {
    this.#retired.abort();
  }

  /** From here on nothing is written, for good. */
  end(): void {
    this.#ended.abort();
    this.#retired.abort();
  }
}
