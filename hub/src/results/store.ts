import { type CheckpointPair, type CloudEvent, partitionOf, PARTITIONS, type ProbeResult } from "@sightline/shared/wire";
import type { PlanRegistry } from "../monitors/registry.ts";
import { type Thresholds, UNDAMPED } from "../monitors/thresholds.ts";
import { isCredibleAgentEpoch } from "../agents/belief.ts";
import { dampedPair } from "./damping.ts";
import { isChange, nextPair, pairOf, type PairState, type Reception } from "./pair-state.ts";

/** Why a result was not taken. */
export type DropReason =
  /** No monitor has this check now. */
  | "unknown_check"
  /** Published in a partition that is not the monitor's. */
  | "wrong_partition"
  /** Says another cluster's name than its subject, which is the one that NATS has checked. */
  | "foreign_cluster"
  /** Of an agent epoch more than a day ahead: taken in, it would make every later result an old one. */
  | "implausible"
  /** Already known, or older than what is known. */
  | "old";

export const DROP_REASONS: readonly DropReason[] = ["unknown_check", "wrong_partition", "foreign_cluster", "implausible", "old"];

/** Where a result came from: its subject, and its message. */
export interface Origin extends Reception {
  partition: number;
  cluster: string;
  /** Stream sequence of the message. */
  sequence: number;
  /** When it is read, on the hub's clock. Milliseconds. */
  readAt: number;
}

export type Acceptance =
  | { kind: "dropped"; reason: DropReason }
  /** `changed` when the outcome is another one, `failed` when it is a failure that was none before. */
  | { kind: "applied"; changed: boolean; failed: boolean };

type Pairs = Map<string, Map<string, PairState>>;

type ThresholdsOf = (monitor: Pick<ProbeResult, "uid" | "namespace" | "name">) => Thresholds;

/** The last result of every (monitor, cluster), by partition. In memory; checkpoints make it last. */
export class ResultStore {
  readonly #registry: PlanRegistry;
  readonly #plansComplete: () => boolean;
  readonly #thresholdsOf: ThresholdsOf;
  readonly #partitions: Pairs[] = Array.from({ length: PARTITIONS }, (): Pairs => new Map());
  /** The changed results of each monitor that Kubernetes does not show yet: the first and the last message. */
  readonly #unsettled = Array.from({ length: PARTITIONS }, () => new Map<string, { first: number; last: number }>());

  /**
   * @param plansComplete whether every monitor has a plan: before that, a result without a plan may still get one.
   * @param thresholdsOf a monitor's thresholds, also before it has a plan: damping takes each result once, when it comes.
   */
  constructor(registry: PlanRegistry, plansComplete: () => boolean, thresholdsOf: ThresholdsOf = () => UNDAMPED) {
    this.#registry = registry;
    this.#plansComplete = plansComplete;
    this.#thresholdsOf = thresholdsOf;
  }

  /** Takes one result in. */
  offer({ source, data }: Pick<CloudEvent<ProbeResult>, "source" | "data">, origin: Origin): Acceptance {
    const { uid } = data;
    if (source !== `/clusters/${origin.cluster}`) return { kind: "dropped", reason: "foreign_cluster" };
    if (partitionOf(uid) !== origin.partition) return { kind: "dropped", reason: "wrong_partition" };
    if (!isCredibleAgentEpoch(data.agentEpoch, origin.readAt)) return { kind: "dropped", reason: "implausible" };
    if (!this.#mayBelong(uid, data.checkHash)) return { kind: "dropped", reason: "unknown_check" };
    const known = this.pairs(uid).get(origin.cluster);
    const arrived = pairOf(data, origin);
    if (nextPair(known, arrived) !== arrived) return { kind: "dropped", reason: "old" };
    const state = dampedPair(known, arrived, this.#thresholdsOf(data));
    this.#set(origin.partition, { uid, cluster: origin.cluster, state });
    const changed = isChange(known, state);
    if (changed) this.#markUnsettled(origin, uid);
    return { kind: "applied", changed, failed: changed && !arrived.success && known?.success !== false };
  }

  /** The last results of one monitor, by cluster, of whatever check. */
  pairs(uid: string): ReadonlyMap<string, PairState> {
    return this.#partitions[partitionOf(uid)]?.get(uid) ?? new Map<string, PairState>();
  }

  /** Every pair of a partition that still belongs to a plan. What belongs to none any more is forgotten. */
  snapshot(partition: number): CheckpointPair[] {
    const stored: CheckpointPair[] = [];
    for (const [uid, clusters] of this.#partitions[partition] ?? []) {
      for (const [cluster, state] of clusters) {
        if (this.#isWanted(uid, cluster, state)) stored.push({ uid, cluster, state });
        else clusters.delete(cluster);
      }
      if (clusters.size === 0) this.#partitions[partition]?.delete(uid);
    }
    return stored;
  }

  /** Takes in what a checkpoint kept. */
  restore(partition: number, stored: readonly CheckpointPair[]): void {
    for (const pair of stored) {
      const known = this.#partitions[partition]?.get(pair.uid)?.get(pair.cluster);
      if (nextPair(known, pair.state) === pair.state) this.#set(partition, pair);
    }
  }

  /** Stream sequence of the monitor's last changed result that Kubernetes does not show yet. */
  lastChange(uid: string): number | undefined {
    return this.#unsettled[partitionOf(uid)]?.get(uid)?.last;
  }

  /** Kubernetes shows the monitor's results up to `change`, which `lastChange` gave before the status was decided. */
  settled(uid: string, change: number | undefined): void {
    const unsettled = this.#unsettled[partitionOf(uid)];
    const known = unsettled?.get(uid);
    if (known === undefined || change === undefined) return;
    if (known.last > change) known.first = change + 1;
    else unsettled?.delete(uid);
  }

  /** Forgets a monitor that is gone. */
  forget(uid: string): void {
    this.#unsettled[partitionOf(uid)]?.delete(uid);
    this.#partitions[partitionOf(uid)]?.delete(uid);
  }

  /** The first stream sequence of the partition whose outcome Kubernetes does not show yet; undefined when it shows all. */
  firstUnsettled(partition: number): number | undefined {
    const sequences = [...(this.#unsettled[partition]?.values() ?? [])].map(({ first }) => first);
    return sequences.length === 0 ? undefined : Math.min(...sequences);
  }

  get size(): number {
    return this.#partitions.reduce((sum, monitors) => sum + [...monitors.values()].reduce((pairs, clusters) => pairs + clusters.size, 0), 0);
  }

  #set(partition: number, { uid, cluster, state }: CheckpointPair): void {
    const monitors = this.#partitions[partition];
    const clusters = monitors?.get(uid) ?? new Map<string, PairState>();
    monitors?.set(uid, clusters.set(cluster, state));
  }

  #mayBelong(uid: string, checkHash: string): boolean {
    return this.#registry.accepts(uid, checkHash) || (this.#registry.get(uid) === undefined && !this.#plansComplete());
  }

  #isWanted(uid: string, cluster: string, state: PairState): boolean {
    const plan = this.#registry.get(uid);
    if (plan === undefined) return this.#mayBelong(uid, state.checkHash);
    return this.#registry.accepts(uid, state.checkHash) && plan.clusters.has(cluster);
  }

  /** A monitor that nobody writes a status for (none, suspended) must not hold back the checkpoint. */
  #markUnsettled({ partition, sequence }: Origin, uid: string): void {
    if (this.#registry.get(uid)?.suspend !== false) return;
    const known = this.#unsettled[partition]?.get(uid);
    this.#unsettled[partition]?.set(uid, { first: known?.first ?? sequence, last: sequence });
  }
}
