import type { Clock } from "../clock.ts";

/** Jobs at once, of all parties together; of one party never more than one, so that a slow one holds nobody else up. */
const CONCURRENCY = 16;
/** How many of one party's may wait. */
const WAITING = 4;
/** What a party may ask in the long run, and at once after a pause. */
const PER_SECOND = 1;
const BURST = 10;
/** More parties than an installation has; past it somebody makes up names. */
const MAX_PARTIES = 20_000;
const SWEEP_MS = 1000;

type Job = () => Promise<void>;

interface Party {
  waiting: Job[];
  running: boolean;
  /** How many it may still ask, as of a time. */
  allowance: number;
  at: number;
}

/**
 * Does jobs of many parties that do not trust each other: each has a share of its own, in turns, and what a party asks
 * beyond it is dropped unread, at a cost that does not count. So no party keeps another one waiting.
 */
export class FairCrew {
  readonly #clock: Clock;
  readonly #parties = new Map<string, Party>();
  /** Those that wait and do not run, in the order of their turns. */
  #turns: Party[] = [];
  #running = 0;
  #sweptAt = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Jobs should not fail; one that does takes nobody along. @returns false: the party has asked too much, and it is dropped. */
  add(name: string, job: Job): boolean {
    const party = this.#party(name);
    if (party === undefined || party.allowance < 1 || party.waiting.length >= WAITING) return false;
    party.allowance -= 1;
    party.waiting.push(job);
    if (!party.running && party.waiting.length === 1) this.#turns.push(party);
    if (this.#running < CONCURRENCY) void this.#work();
    return true;
  }

  /** Nothing that waits is done any more. */
  dismiss(): void {
    for (const party of this.#parties.values()) party.waiting = [];
    this.#turns = [];
  }

  #party(name: string): Party | undefined {
    const now = this.#clock.monotonic();
    const known = this.#parties.get(name);
    if (known !== undefined) return refilled(known, now);
    this.#sweep(now);
    if (this.#parties.size >= MAX_PARTIES) return undefined;
    const made = { waiting: [], running: false, allowance: BURST, at: now };
    this.#parties.set(name, made);
    return made;
  }

  /** Forgets those that are as good as new. */
  #sweep(now: number): void {
    if (now - this.#sweptAt < SWEEP_MS) return;
    this.#sweptAt = now;
    for (const [name, party] of this.#parties) {
      if (!party.running && party.waiting.length === 0 && refilled(party, now).allowance >= BURST) this.#parties.delete(name);
    }
  }

  async #work(): Promise<void> {
    this.#running += 1;
    for (let party = this.#turns.shift(); party !== undefined; party = this.#turns.shift()) await this.#turn(party);
    this.#running -= 1;
  }

  async #turn(party: Party): Promise<void> {
    party.running = true;
    await party.waiting.shift()?.().catch(() => undefined);
    party.running = false;
    if (party.waiting.length > 0) this.#turns.push(party);
  }
}

function refilled(party: Party, now: number): Party {
  party.allowance = Math.min(BURST, party.allowance + ((now - party.at) / 1000) * PER_SECOND);
  party.at = now;
  return party;
}
