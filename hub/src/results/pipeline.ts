import { partitionOf, PARTITIONS } from "@sightline/shared/wire";
import { type OwnerOptions, PartitionOwner } from "./partition-owner.ts";
import type { Moment } from "./verdict.ts";

/** The partitions of the results that this hub owns, and what is known of them. */
export class ResultPipeline {
  readonly #options: OwnerOptions;
  readonly #owners = new Map<number, PartitionOwner>();

  constructor(options: OwnerOptions) {
    this.#options = options;
  }

  /** Takes partitions over; all of them when none are named. */
  own(partitions: Iterable<number> = Array(PARTITIONS).keys()): void {
    for (const partition of partitions) {
      if (this.#owners.has(partition)) continue;
      const onLost = (): void => {
        this.#owners.delete(partition);
        this.#options.onLost(partition);
      };
      const owner = new PartitionOwner(partition, { ...this.#options, onLost });
      this.#owners.set(partition, owner);
      owner.start();
    }
  }

  /** Gives one partition up, after a last checkpoint. */
  async release(partition: number): Promise<void> {
    const owner = this.#owners.get(partition);
    this.#owners.delete(partition);
    await owner?.stop();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#owners.keys()].map((partition) => this.release(partition)));
  }

  /** Whether everything that was stored at start has been read, in every partition that is owned. */
  get caughtUp(): boolean {
    return [...this.#owners.values()].every((owner) => owner.caughtUp);
  }

  /** By which time a monitor is judged; undefined while it must not be judged: not owned, or not read up to the present yet. */
  momentOf(uid: string): Moment | undefined {
    const owner = this.#owners.get(partitionOf(uid));
    return owner?.caughtUp === true ? owner.moment : undefined;
  }
}
