import type { Drift } from "./drift.ts";

/**
 * Which clusters' heads are held back, and until which monitors have been applied. Pure.
 *
 * After a loss the controllers write what is missing again, one monitor after the other. A head written in between would
 * sum up a set that is complete and yet lacks the rest, and agents would stop probing what is still to come. So heads of
 * damaged clusters wait until the last monitor concerned has been applied, and are then written together.
 */
export class Rebuild {
  /** Undefined: every cluster. */
  readonly #clusters: Set<string> | undefined;
  readonly #awaited: Set<string>;

  private constructor(clusters: Set<string> | undefined, awaited: Set<string>) {
    this.#clusters = clusters;
    this.#awaited = awaited;
  }

  /** Everything is in doubt until each of these monitors has been applied. */
  static ofAll(monitors: Iterable<string>): Rebuild {
    return new Rebuild(undefined, new Set(monitors));
  }

  static ofDrift(drifts: readonly Drift[]): Rebuild {
    return new Rebuild(new Set(drifts.map(({ cluster }) => cluster)), new Set(drifts.map(({ uid }) => uid)));
  }

  /** Both together. */
  merge(other: Rebuild): Rebuild {
    const clusters = this.#clusters === undefined || other.#clusters === undefined ? undefined : this.#clusters.union(other.#clusters);
    return new Rebuild(clusters, this.#awaited.union(other.#awaited));
  }

  /** Monitors that have not been applied since the loss. */
  get awaited(): ReadonlySet<string> {
    return this.#awaited;
  }

  holds(cluster: string): boolean {
    return this.#clusters?.has(cluster) ?? true;
  }

  applied(monitors: Iterable<string>): void {
    for (const uid of monitors) this.#awaited.delete(uid);
  }
}
