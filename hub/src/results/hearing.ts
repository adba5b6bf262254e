import type { Clock } from "@sightline/shared";
import type { Moment } from "./verdict.ts";

/** A wall clock that moves by more than this against the monotonic one was set, not slewed. Milliseconds. */
const JUMP_MS = 1000;

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
  /** Wall clock minus monotonic clock. */
  #offset: number;

  /** @param graceMs for how long a deaf hub keeps its verdicts. */
  constructor(clock: Clock, graceMs: number) {
    this.#clock = clock;
    this.#graceMs = graceMs;
    this.#heardSince = clock.now();
    this.#heardAt = clock.now();
    this.#offset = clock.now() - clock.monotonic();
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
    this.#followWallClock();
    return { now: Math.max(this.#heardAt, this.#clock.now() - this.#graceMs), heardSince: this.#heardSince };
  }

  /** A wall clock that was set, or a machine that slept, has aged nothing: ages count anew from here. */
  #followWallClock(): void {
    const offset = this.#clock.now() - this.#clock.monotonic();
    const jumped = Math.abs(offset - this.#offset) > JUMP_MS;
    this.#offset = offset;
    if (jumped) this.restored();
  }
}
