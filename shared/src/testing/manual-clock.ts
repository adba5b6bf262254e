import type { Clock, Timer } from "../clock.ts";

/** A clock that stands still until a test moves it. Wake-ups fire in order of their time, then of their making. */
export class ManualClock implements Clock {
  #now: number;
  /** What the wall clock was set forward or back by. */
  #jumped = 0;
  #order = 0;
  readonly #pending = new Set<{ at: number; order: number; wake: () => void }>();

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now + this.#jumped;
  }

  monotonic(): number {
    return this.#now;
  }

  schedule(delayMs: number, wake: () => void): Timer {
    const entry = { at: this.#now + Math.max(0, delayMs), order: this.#order++, wake };
    this.#pending.add(entry);
    return { cancel: () => void this.#pending.delete(entry) };
  }

  /** How many wake-ups are pending. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Moves time forward by `ms`, firing what falls due, also what is scheduled meanwhile. Promises run in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const next = [...this.#pending].filter((entry) => entry.at <= end).toSorted((a, b) => a.at - b.at || a.order - b.order)[0];
      if (next === undefined) break;
      this.#pending.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
    this.#now = end;
  }

  /** Sets the wall clock as an operator would: the monotonic clock and pending wake-ups do not notice. */
  jump(ms: number): void {
    this.#jumped += ms;
  }
}

/** Lets every promise that is already resolved run its continuation. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
