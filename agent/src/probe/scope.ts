import type { Clock, Timer } from "@sightline/shared";
import type { ProbeError } from "./errors.ts";

/**
 * The time of one probe. Whatever the probe waits for registers how to end it; when time is up, or the probe is
 * cancelled, everything registered is ended with the one reason, at once: a hostile target cannot hold it up.
 */
export class ProbeScope {
  #reason: ProbeError | undefined;
  readonly #abortable = new Set<(reason: ProbeError) => void>();
  readonly #timer: Timer;

  constructor(clock: Clock, timeoutMs: number, timeUp: () => ProbeError) {
    this.#timer = clock.schedule(timeoutMs, () => this.abort(timeUp()));
  }

  /** Registers how to end something; called soon when the time is already up. @returns how to take it back. */
  onAbort(end: (reason: ProbeError) => void): () => void {
    const reason = this.#reason;
    if (reason !== undefined) queueMicrotask(() => end(reason));
    this.#abortable.add(end);
    return () => void this.#abortable.delete(end);
  }

  abort(reason: ProbeError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    for (const end of this.#abortable) end(reason);
  }

  /** The probe has ended: nothing is timed any more. */
  close(): void {
    this.#timer.cancel();
    this.#abortable.clear();
  }
}
