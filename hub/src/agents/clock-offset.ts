/** Heartbeats that an offset is taken from. */
const SAMPLES = 8;
/** A sample that is smaller than the others by this much is no delay any more: the agent's clock was set back. Milliseconds. */
const STEP_MS = 2000;

/**
 * How far an agent's clock is ahead of the hub's, from one-way messages. Each sample (sent minus received) is too small
 * by that message's delay, so the largest of the last few is the closest: that message was delayed least.
 */
export class ClockOffset {
  readonly #samples: number[] = [];

  /** @param sentAt on the agent's clock, @param receivedAt on the hub's. Milliseconds. */
  add(sentAt: number, receivedAt: number): void {
    const sample = sentAt - receivedAt;
    if (this.value - sample > STEP_MS) this.#samples.length = 0;
    this.#samples.push(sample);
    if (this.#samples.length > SAMPLES) this.#samples.shift();
  }

  /** Milliseconds; 0 before the first sample. */
  get value(): number {
    return this.#samples.length === 0 ? 0 : Math.max(...this.#samples);
  }
}
