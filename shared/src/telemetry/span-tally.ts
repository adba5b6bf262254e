/** How often it is said that spans are lost. Milliseconds. */
const TELL_EVERY_MS = 60_000;

/** How many spans were lost since it was last said, and why the last ones were. */
export interface LostSpans {
  lost: number;
  reason: string;
}

/** Counts the spans between their end and their arrival, so that they stay bounded and no loss stays unsaid. Pure: the clock is passed in. */
export class SpanTally {
  readonly #limit: number;
  #waiting = 0;
  #untold = 0;
  #reason = "";
  #toldAt = Number.NEGATIVE_INFINITY;

  /** @param limit spans that may wait at once. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @returns whether there is room for one more span; without, it is lost. */
  take(): boolean {
    if (this.#waiting >= this.#limit) {
      this.#lose(1, `more than ${this.#limit} spans wait for the collector`);
      return false;
    }
    this.#waiting += 1;
    return true;
  }

  /** So many spans have been exported, or are lost for a reason. */
  settle(count: number, reason?: string): void {
    this.#waiting -= count;
    if (reason !== undefined) this.#lose(count, reason);
  }

  /** Spans that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** What is to be said now, at most once a minute. */
  tell(nowMs: number): LostSpans | undefined {
    return nowMs - this.#toldAt < TELL_EVERY_MS ? undefined : this.#tellAll(nowMs);
  }

  /** What is to be said at the end, however short ago something was: nothing is sent any more. */
  tellLast(nowMs: number): LostSpans | undefined {
    if (this.#waiting > 0) this.settle(this.#waiting, "the process stops");
    return this.#tellAll(nowMs);
  }

  #tellAll(nowMs: number): LostSpans | undefined {
    if (this.#untold === 0) return undefined;
    const told = { lost: this.#untold, reason: this.#reason };
    this.#untold = 0;
    this.#toldAt = nowMs;
    return told;
  }

  #lose(count: number, reason: string): void {
    this.#untold += count;
    this.#reason = reason;
  }
}
