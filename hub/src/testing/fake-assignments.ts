import { isDeepStrictEqual } from "node:util";
import type { Position, SealedHeader } from "@sightline/shared/wire";
import type { Applied, AssignmentError, AssignmentWriter, HeldSet, MonitorChange } from "../assignments/types.ts";

/** An assignment writer that keeps everything in memory, and can be told to refuse. */
export class FakeAssignments implements AssignmentWriter {
  ready = true;
  refusal: AssignmentError | undefined;
  /** By UID: the change that stands. */
  readonly stored = new Map<string, MonitorChange>();
  readonly applied: MonitorChange[] = [];
  readonly refreshed: string[] = [];
  readonly removed: string[] = [];
  readonly heads = new Map<string, Position>();
  /** Called before a change stands. */
  beforeCommit: (change: MonitorChange) => void = () => undefined;

  apply(change: MonitorChange): Promise<Applied> {
    this.applied.push(change);
    if (this.refusal !== undefined) return Promise.reject(this.refusal);
    this.beforeCommit(change);
    const wrote = !isDeepStrictEqual(this.stored.get(change.uid)?.wanted ?? new Map(), change.wanted);
    for (const cluster of this.clustersOf(change.uid).union(new Set(change.wanted.keys()))) this.#moveHead(cluster);
    if (change.wanted.size === 0) this.stored.delete(change.uid);
    else this.stored.set(change.uid, change);
    return Promise.resolve({ positions: new Map([...change.wanted.keys()].map((cluster) => [cluster, this.#head(cluster)])), wrote });
  }

  refreshHead(cluster: string): Promise<void> {
    this.refreshed.push(cluster);
    this.#moveHead(cluster);
    return Promise.resolve();
  }

  clustersOf(uid: string): Set<string> {
    return new Set(this.stored.get(uid)?.wanted.keys());
  }

  sealedHeaders(cluster: string, uid: string): readonly SealedHeader[] {
    return this.stored.get(uid)?.wanted.get(cluster)?.sealedHeaders ?? [];
  }

  monitors(): string[] {
    return [...this.stored.keys()];
  }

  clusterState(cluster: string): { assigned: number; head: Position | undefined } {
    const assigned = [...this.stored.values()].filter(({ wanted }) => wanted.has(cluster)).length;
    return { assigned, head: this.heads.get(cluster) };
  }

  removeCluster(cluster: string): Promise<void> {
    this.removed.push(cluster);
    return Promise.resolve();
  }

  repairHeld(_cluster: string, _held: HeldSet): void {
    // Nothing is ever wrong here.
  }

  ensureConsumer(): Promise<void> {
    return Promise.resolve();
  }

  removeConsumer(): Promise<void> {
    return Promise.resolve();
  }

  #head(cluster: string): Position {
    return this.heads.get(cluster) ?? { epoch: 1, generation: 0 };
  }

  #moveHead(cluster: string): void {
    const { epoch, generation } = this.#head(cluster);
    this.heads.set(cluster, { epoch, generation: generation + 1 });
  }
}
