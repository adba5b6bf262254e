import type { Clock } from "@sightline/shared";
import type { Moment } from "./verdict.ts";

/**
 * By which time verdicts are judged. While the hub cannot hear (its NATS connection is down, or the server stands still)
 * time stands still: what it could not hear says nothing about any target. That is borne for a while only; after it, a
 * verdict without results would be a guess, and becomes Unknown.
 */
export class Hearing {
  readonly #clock: Clock;
  readonly #graceMs: number;
  #heardSince: number;
  #heardAt: number;

  /** @param graceMs for how long a deaf hub keeps its verdicts. */
  constructor(clock: Clock, graceMs: number) {
    this.#clock = clock;
    this.#graceMs = graceMs;
    this.#heardSince = clock.now();
    this.#heardAt = clock.now();
  }

  /** Something was heard, or nothing was there to be heard. */
  heard(): void {
    this.#heardAt = this.#clock.now();
  }

  /** Ages count anew from here: what agents measured meanwhile is on its way. */
  restored(): void {
    this.#heardSince = this.#clock.now();
    this.#heardAt = this.#heardSince;
  }

  get moment(): Moment {
    return { now: Math.max(this.#heardAt, this.#clock.now() - this.#graceMs), heardSince: this.#heardSince };
  }
}
