import { sleep } from "@sightline/shared";
import { partitionOf, PARTITIONS } from "@sightline/shared/wire";
import { type OwnerOptions, PartitionOwner } from "./partition-owner.ts";
import type { Moment } from "./verdict.ts";

/** How long another owner of a partition is left alone. Milliseconds. */
const OWN_AGAIN_MS = 5000;

/** The partitions of the results that this hub owns, and what is known of them. */
export class ResultPipeline {
  readonly #options: OwnerOptions;
  readonly #owners = new Map<number, PartitionOwner>();
  readonly #wanted = new Set<number>();
  readonly #stopped = new AbortController();

  constructor(options: OwnerOptions) {
    this.#options = options;
  }

  /** Takes partitions over; all of them when none are named. */
  own(partitions: Iterable<number> = Array(PARTITIONS).keys()): void {
    for (const partition of partitions) {
      this.#wanted.add(partition);
      if (this.#owners.has(partition)) continue;
      const onLost = (): void => {
        this.#owners.delete(partition);
        this.#options.onLost(partition);
        void this.#ownAgain(partition);
      };
      const owner = new PartitionOwner(partition, { ...this.#options, onLost });
      this.#owners.set(partition, owner);
      owner.start();
    }
  }

  /**
   * Who lost a partition while it still should have it (nobody has stopped this pipeline) takes it over again: the other
   * owner may have been no hub at all, but a message that somebody wrote.
   */
  async #ownAgain(partition: number): Promise<void> {
    await sleep(this.#options.clock, OWN_AGAIN_MS, this.#stopped.signal);
    if (!this.#stopped.signal.aborted && this.#wanted.has(partition)) this.own([partition]);
  }

  /** Gives one partition up, after a last checkpoint. */
  async release(partition: number): Promise<void> {
    const owner = this.#owners.get(partition);
    this.#owners.delete(partition);
    this.#wanted.delete(partition);
    await owner?.stop();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all([...this.#owners.keys()].map((partition) => this.release(partition)));
  }

  /** Whether everything that was stored at start has been read, in every partition that is owned. */
  get caughtUp(): boolean {
    return [...this.#wanted].every((partition) => this.#owners.get(partition)?.caughtUp === true);
  }

  /** For how long results wait to be read, in the partition where it is longest, in milliseconds. */
  lagMs(nowMs: number): number {
    return Math.max(0, ...[...this.#owners.values()].map((owner) => owner.lagMs(nowMs)));
  }

  /** By which time a monitor is judged; undefined while it must not be judged: not owned, or not read up to the present yet. */
  momentOf(uid: string): Moment | undefined {
    const owner = this.#owners.get(partitionOf(uid));
    return owner?.caughtUp === true ? owner.moment : undefined;
  }
}
