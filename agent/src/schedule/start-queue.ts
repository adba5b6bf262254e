/**
 * Probes that are due, oldest first, and how many may run. A queue of its own, since a check waits in it at most once:
 * when a check falls due again before it could start, it keeps its place, and one probe is counted as skipped.
 */
export class StartQueue<T> {
  readonly #limit: number;
  /** A Set keeps the order of insertion, and takes out from anywhere at the same cost. */
  readonly #waiting = new Set<T>();
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  has(item: T): boolean {
    return this.#waiting.has(item);
  }

  push(item: T): void {
    this.#waiting.add(item);
  }

  drop(item: T): void {
    this.#waiting.delete(item);
  }

  /** The longest waiting item, now counted as running, or undefined when none waits or the limit is reached. */
  take(): T | undefined {
    if (this.#running >= this.#limit) return undefined;
    const [oldest] = this.#waiting;
    if (oldest === undefined) return undefined;
    this.#waiting.delete(oldest);
    this.#running += 1;
    return oldest;
  }

  /** A taken item has ended. */
  release(): void {
    this.#running -= 1;
  }
}
