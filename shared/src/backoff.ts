/** A back-off returns a duration; it never sleeps. */
export interface Backoff {
  /** The delay before the next try, in milliseconds. */
  next(): number;
  /** Forgets the failures so far. */
  reset(): void;
}

/** Exponential back-off with full spread below each step: `base * 2^n`, at most `maxMs`, times a factor in [0.5, 1). */
export function exponentialBackoff(options: { baseMs: number; maxMs: number; random: () => number }): Backoff {
  let failures = 0;
  return {
    next() {
      const ceiling = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(failures++, 40));
      return ceiling * (0.5 + options.random() / 2);
    },
    reset() {
      failures = 0;
    },
  };
}
