import type { Clock, Timer } from "@sightline/shared";

export interface TallyOptions<T> {
  clock: Clock;
  /** `count`: of how many alike this is the last; they are not told of again. */
  tell: (last: T, count: number) => Promise<void>;
  /** What could not be told, of those that nobody waits for. */
  onFailure: (error: unknown) => void;
}

/** So many alike are told of at once; of more only their number, once in so long. */
const AT_ONCE = 3;
const EVERY_MS = 60_000;
/** More kinds than an installation's clusters give cause for: past it somebody makes up names, and they count as one. */
const MAX_KINDS = 10_000;
const OTHERS = "";

interface Kind<T> {
  atOnce: number;
  withheld: { last: T; count: number } | undefined;
  timer: Timer;
}

/**
 * Tells of each while they are few, and of their number while they are many: whoever can cause one must not be able to
 * fill a disk, nor to hide others of another kind behind their own.
 */
export class Tally<T> {
  readonly #options: TallyOptions<T>;
  readonly #kinds = new Map<string, Kind<T>>();

  constructor(options: TallyOptions<T>) {
    this.#options = options;
  }

  /** Resolves when it is told, or counted. Rejects as `tell` does. */
  async add(name: string, what: T): Promise<void> {
    const key = this.#kinds.has(name) || this.#kinds.size < MAX_KINDS ? name : OTHERS;
    const kind = this.#kinds.get(key) ?? this.#begin(key, AT_ONCE);
    if (kind.atOnce > 0) {
      kind.atOnce -= 1;
      return await this.#options.tell(what, 1);
    }
    kind.withheld = { last: what, count: (kind.withheld?.count ?? 0) + 1 };
  }

  /** Tells of all that was only counted. Never throws. */
  async close(): Promise<void> {
    const kinds = [...this.#kinds.values()];
    this.#kinds.clear();
    for (const { timer, withheld } of kinds) {
      timer.cancel();
      await this.#tell(withheld);
    }
  }

  #begin(key: string, atOnce: number): Kind<T> {
    const timer = this.#options.clock.schedule(EVERY_MS, () => this.#end(key), { unref: true });
    const kind = { atOnce, withheld: undefined, timer };
    this.#kinds.set(key, kind);
    return kind;
  }

  /** Where it goes on, nothing is told at once: its number will do. */
  #end(key: string): void {
    const withheld = this.#kinds.get(key)?.withheld;
    this.#kinds.delete(key);
    if (withheld === undefined) return;
    this.#begin(key, 0);
    void this.#tell(withheld);
  }

  async #tell(withheld: Kind<T>["withheld"]): Promise<void> {
    if (withheld === undefined) return;
    await this.#options.tell(withheld.last, withheld.count).catch(this.#options.onFailure);
  }
}
