import type { Clock, Timer } from "@sightline/shared";
import type { ManualClock } from "@sightline/shared/testing";
import { KubeError } from "../kube/errors.ts";
import type { LeaseStore } from "../kube/leases.ts";
import type { LeaseTerms, StoredLease } from "./lease.ts";

/** A clock that runs at its own rate and tells its own time. Wake-ups may come late, as those of a stopped process do. */
export class SkewedClock implements Clock {
  readonly #true: ManualClock;
  readonly #rate: number;
  readonly #offset: number;
  /** True time until which the process stands still. */
  stoppedUntil = 0;

  constructor(trueClock: ManualClock, rate: number, offset: number) {
    this.#true = trueClock;
    this.#rate = rate;
    this.#offset = offset;
  }

  now(): number {
    return this.#true.now() * this.#rate + this.#offset;
  }

  monotonic(): number {
    return this.#true.monotonic() * this.#rate + this.#offset;
  }

  schedule(delayMs: number, wake: () => void): Timer {
    let timer: Timer | undefined;
    const whenRunning = (): void => {
      const left = this.stoppedUntil - this.#true.monotonic();
      if (left > 0) timer = this.#true.schedule(left, whenRunning);
      else wake();
    };
    timer = this.#true.schedule(delayMs / this.#rate, whenRunning);
    return { cancel: () => timer?.cancel() };
  }
}

/** Milliseconds of true time for one request: until the server acts, and from then until the answer is there. */
export type Delay = readonly [there: number, back: number];

/** One Lease behind a network: writes are compare-and-set, and may act after the one who sent them has given up. */
export class SharedLease {
  stored: StoredLease | undefined;
  #version = 0;
  reachable = true;

  /** The Lease as one replica sees it. */
  seenBy(trueClock: ManualClock, clock: SkewedClock, delay: () => Delay): Pick<LeaseStore, "read" | "replace"> {
    const call = <T>(act: () => T, timeoutMs: number): Promise<T> =>
      new Promise((resolve, reject) => {
        const [there, back] = delay();
        const limit = clock.schedule(timeoutMs, () => reject(new KubeError("TIMEOUT", "no answer in time", { retryable: true })));
        trueClock.schedule(there, () => {
          if (!this.reachable) return;
          const outcome = settled(act);
          clock.schedule(back, () => {
            limit.cancel();
            if (outcome.error === undefined) resolve(outcome.value);
            else reject(outcome.error);
          });
        });
      });
    return {
      read: (timeoutMs) => call(() => this.stored, timeoutMs),
      replace: (stored, terms, timeoutMs) => call(() => this.#replace(stored, terms), timeoutMs),
    };
  }

  #replace(before: StoredLease | undefined, terms: LeaseTerms): StoredLease {
    if (before?.resourceVersion !== this.stored?.resourceVersion) throw new KubeError("CONFLICT", "it is another one now", { retryable: true });
    this.#version += 1;
    this.stored = { ...terms, resourceVersion: String(this.#version) };
    return this.stored;
  }
}

type Settled<T> = { value: T; error: undefined } | { error: Error };

function settled<T>(act: () => T): Settled<T> {
  try {
    return { value: act(), error: undefined };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}
