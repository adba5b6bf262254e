/** Waits on conditions: the only way in which tests and the sandbox pass time. */
import { setTimeout as delay } from "node:timers/promises";

export interface WaitOptions {
  /** What is awaited, as it should read after "waited for". */
  readonly what: string;
  readonly timeoutMs: number;
  /** Milliseconds between two looks; 25 when absent. */
  readonly everyMs?: number;
  /** Ends the wait at once, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The condition did not come true in time. `cause` is what the last look threw, if it threw. */
export class WaitTimeoutError extends Error {
  override readonly name = "WaitTimeoutError";
}

/**
 * Looks until `check` gives something other than false or undefined, and returns that. A throw means "not yet".
 * Throws a WaitTimeoutError after `timeoutMs`, or the signal's reason.
 */
export async function waitUntil<T>(
  options: WaitOptions,
  check: () => T | false | undefined | Promise<T | false | undefined>,
): Promise<T> {
  const end = performance.now() + options.timeoutMs;
  let cause: unknown;
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      const found = await check();
      if (found !== false && found !== undefined) return found;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= end) throw timeout(options, cause);
    await delay(options.everyMs ?? 25);
  }
}

function timeout(options: WaitOptions, cause: unknown): WaitTimeoutError {
  const last = cause instanceof Error ? ` (last: ${cause.message})` : "";
  return new WaitTimeoutError(`waited ${options.timeoutMs / 1000} s for ${options.what}, in vain${last}`, { cause });
}
