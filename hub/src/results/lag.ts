/**
 * For how long the results of one partition have waited to be read. Evidence that nothing waits holds for a while, since
 * it comes only now and then; without any, what comes next may have waited since the last. Pure: the clock is passed in.
 */
export class ReadingLag {
  readonly #toleranceMs: number;
  /** All that was stored until then has been read. */
  #readUpTo: number;
  #waits = false;

  /**
   * @param toleranceMs how long no evidence is nothing to speak of.
   * @param nowMs milliseconds since the Unix epoch, as all times here.
   */
  constructor(toleranceMs: number, nowMs: number) {
    this.#toleranceMs = toleranceMs;
    this.#readUpTo = nowMs;
  }

  /** A message was read. @param pending whether others waited behind it. */
  read({ storedAt, pending, nowMs }: { storedAt: number; pending: boolean; nowMs: number }): void {
    this.#waits = pending;
    this.#readUpTo = pending ? storedAt : nowMs;
  }

  /** The stream was looked at: nothing waits. */
  drained(nowMs: number): void {
    this.#waits = false;
    this.#readUpTo = nowMs;
  }

  /** Milliseconds. */
  at(nowMs: number): number {
    const ageMs = Math.max(0, nowMs - this.#readUpTo);
    return this.#waits || ageMs > this.#toleranceMs ? ageMs : 0;
  }
}
