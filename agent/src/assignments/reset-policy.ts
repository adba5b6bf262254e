import type { Clock, Timer } from "@sightline/shared";
import type { StagingState } from "@sightline/shared/protocol";

const QUIET_MS = 5000;
const LONGEST_MS = 300_000;

/**
 * When to start over with reading. Delivery is not atomic, so an incomplete set usually means that more is to come; but
 * when it stays incomplete for 5 s without a new message, something was lost. Each vain try doubles the wait, up to 5 min.
 */
export class ResetPolicy {
  readonly #clock: Clock;
  readonly #reset: () => void;
  #tries = 0;
  #quietSince: number;
  #timer: Timer | undefined;

  constructor(options: { clock: Clock; reset: () => void }) {
    this.#clock = options.clock;
    this.#reset = options.reset;
    this.#quietSince = options.clock.monotonic();
  }

  /** To be told after each message, and once when reading begins. */
  observe(state: StagingState): void {
    this.#quietSince = this.#clock.monotonic();
    if (state === "incomplete") this.#timer ??= this.#clock.schedule(this.#waitMs(), () => this.#check());
    else this.#settled();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #settled(): void {
    this.#tries = 0;
    this.stop();
  }

  #waitMs(): number {
    return Math.min(LONGEST_MS, QUIET_MS * 2 ** Math.min(this.#tries, 10));
  }

  #check(): void {
    const left = this.#quietSince + this.#waitMs() - this.#clock.monotonic();
    if (left > 0) {
      this.#timer = this.#clock.schedule(left, () => this.#check());
      return;
    }
    this.#timer = undefined;
    this.#tries += 1;
    this.#reset();
  }
}
