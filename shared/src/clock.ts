/**
 * Time is a dependency. Everything that reads a clock or waits takes a `Clock`; only this file touches the platform's.
 */

/** A pending wake-up. Cancelling twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Wall-clock time, milliseconds since the Unix epoch. May jump. */
  now(): number;
  /** Milliseconds since an arbitrary start, with fractions. Never goes back: use it to measure. */
  monotonic(): number;
  /** Calls `wake` once, `delayMs` from now. Does not keep the process alive by itself when `unref` is set. */
  schedule(delayMs: number, wake: () => void, options?: { unref?: boolean }): Timer;
}

/** Node's timers overflow past this and would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule(delayMs, wake, options) {
    const handle = setTimeout(wake, Math.min(Math.max(0, delayMs), MAX_TIMER_MS));
    if (options?.unref === true) handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Resolves after `delayMs`, or at once (without an error) when `signal` aborts. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = clock.schedule(delayMs, done);
    signal?.addEventListener("abort", done, { once: true });
    function done(): void {
      timer.cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    }
  });
}
