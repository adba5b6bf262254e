import type { Assignment } from "../../wire/assignment.ts";
import { type Drift, driftBetween, hasLostHeads } from "../drift.ts";
import { type HeldSet, isPlausible, repairFor, StallWatch } from "../held.ts";
import { AssignmentMirror } from "../mirror.ts";
import type { DigestShare } from "../set-digest.ts";
import { isAuthentic, sign } from "../testing.ts";
import { nextEpoch } from "../position.ts";
import { Rebuild } from "../rebuild.ts";
import { type BatchPlan, committedMessages, isFenced, type MonitorChange, planBatch, type WriterContext } from "../writer.ts";
import type { Head } from "../../wire/head.ts";
import { parseAssignmentSubject } from "../../wire/subjects.ts";
import type { SentBatch } from "./history.ts";
import type { CommitOutcome, ModelStream, StoredMessage } from "./nats.ts";

/** What should be assigned: by monitor, by cluster. */
export type Wanted = ReadonlyMap<string, ReadonlyMap<string, Assignment>>;

/** What a hub can see of the world. */
export interface HubSurroundings {
  stream: ModelStream;
  clusters: readonly string[];
  now: () => number;
  /** Epochs in ClusterRegistrations' status. */
  statusEpochs: () => Iterable<number>;
  /** Whether the Lease, asked now, names this hub. */
  isLeader: (name: string) => boolean;
  /** The hub found a batch of its own to be half. */
  broke: (what: string) => void;
  /** The hub becomes the leader. */
  lead: (name: string) => void;
  /** A consistent list of what is wanted now. */
  list: () => Wanted;
  /** The hub sets the consumer of a cluster's agent back to the first message. */
  resetConsumer: (cluster: string) => void;
}

/** A batch between being sent and being answered. */
interface Pending {
  batch: SentBatch;
  plan: BatchPlan;
  changes: readonly MonitorChange[];
  outcome?: CommitOutcome;
}

/**
 * The assignment writer as a state machine: reading, group commit, lost answers, takeover, rebuild, repair. It decides by
 * the pure functions that the real writer uses; a crash is a new ModelHub, a zombie one that goes on with what it knew.
 */
export class ModelHub {
  readonly name: string;
  readonly #world: HubSurroundings;
  #view: Wanted = new Map();
  #mirror = new AssignmentMirror(isAuthentic);
  #epoch: number | undefined;
  /** The last heads sent under this epoch. */
  #sent = new Map<string, Head>();
  #fenced = false;
  #incarnation = 0;
  #readTo = 0;
  #rebuild: Rebuild | undefined;
  #refreshes = new Set<string>();
  readonly #stalls = new StallWatch();
  #agentEpochs = new Map<string, number>();
  #pending: Pending | undefined;
  #batches = 0;

  constructor(name: string, world: HubSurroundings) {
    this.name = name;
    this.#world = world;
  }

  get writing(): boolean {
    return this.#epoch !== undefined && !this.#fenced;
  }

  get idle(): boolean {
    return this.#pending === undefined && this.#rebuild === undefined && this.#refreshes.size === 0 && this.#dirty().length === 0;
  }

  get epoch(): number {
    return this.#epoch ?? 0;
  }

  /** The informer brings what Kubernetes says now. */
  sync(): void {
    this.#view = this.#world.list();
  }

  /** Becomes the writer: with a consistent list, a first full reading, and a new epoch. */
  start(): void {
    if (this.#fenced) return;
    this.#world.lead(this.name);
    this.sync();
    this.#adopt(this.#readAll());
    this.#takeEpoch();
    this.#holdBack(Rebuild.ofAll(this.#view.keys()));
  }

  /** Plans a group of at most `limit` monitors, beginning with the one at `pick`, and sends it. */
  send(limit: number, pick: number): SentBatch | undefined {
    if (!this.writing || this.#pending !== undefined) return undefined;
    const dirty = this.#dirty();
    const group = rotated(dirty, pick).slice(0, limit);
    const changes = group.map((uid) => this.#change(uid));
    const context = this.#context();
    const plan = planBatch(this.#mirror, changes, [...this.#refreshes].map((cluster) => ({ cluster })), context);
    this.#refreshes.clear();
    if (plan.messages.length === 0) {
      for (const { uid, wanted } of changes) this.#mirror.confirm(uid, wanted);
      this.#release(group);
      return undefined;
    }
    this.#batches += 1;
    for (const [cluster, head] of plan.heads) this.#sent.set(cluster, head);
    const rebuild = this.#rebuild;
    const batch = { batchId: `${this.name}-${this.#batches}`, epoch: this.epoch, messages: plan.messages, withheld: (cluster: string) => rebuild?.holds(cluster) ?? false };
    this.#pending = { batch, plan, changes };
    return batch;
  }

  /** The server has decided about the pending batch; the hub does not know yet. */
  decided(outcome: CommitOutcome): void {
    if (this.#pending !== undefined) this.#pending.outcome = outcome;
  }

  /** The answer arrives. */
  answered(): void {
    const pending = this.#pending;
    if (pending?.outcome === undefined) return;
    this.#pending = undefined;
    if (pending.outcome.kind === "committed") return this.#committed(pending, pending.outcome.lastSequence);
    this.reload();
    this.#takeEpoch();
  }

  /** The answer is lost: settled by the batch ID that is stored with the batch's last message. */
  unanswered(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    const stored = this.#world.stream.stored(pending.plan.messages.at(-1)?.subject ?? "");
    if (stored?.batchId !== pending.batch.batchId) return this.reload();
    if (pending.outcome?.kind !== "committed") this.#world.broke(`${pending.batch.batchId} was settled as committed and is not`);
    this.#committed(pending, stored.sequence);
  }

  /** Reads up to `count` messages that were stored since. */
  read(count: number): void {
    for (const message of this.#world.stream.all().filter(({ sequence }) => sequence > this.#readTo).slice(0, count)) this.#readOne(message);
  }

  /** Reads everything again: on a timer, on reconnect, after a surprise. Waits for no batch of its own to be answered. */
  reload(): void {
    if (this.#epoch === undefined || this.#pending !== undefined) return;
    const before = this.#mirror;
    const lost = this.#adopt(this.#readAll()) || hasLostHeads(before, this.#mirror);
    if (this.#isTakenOver()) return;
    if (lost) {
      this.#takeEpoch();
      this.#holdBack(Rebuild.ofAll(this.#view.keys()));
    }
    this.#drifted(driftBetween(before, this.#mirror));
  }

  /** Looks for clusters whose head does not sum up what is stored. */
  repair(): void {
    if (!this.writing || this.#rebuild !== undefined) return;
    for (const cluster of this.#mirror.inconsistentClusters()) this.#refreshes.add(cluster);
  }

  /** A heartbeat arrives. */
  heartbeat(cluster: string, held: HeldSet): void {
    const now = this.#world.now();
    if (held !== null && isPlausible(held.epoch, now)) this.#agentEpochs.set(cluster, held.epoch);
    if (!this.writing || this.#rebuild?.holds(cluster) === true) return;
    if (this.#stalls.observe(cluster, held, this.#mirror.cluster(cluster).head)) this.#world.resetConsumer(cluster);
    const repair = repairFor(held, this.#mirror.cluster(cluster).head, now);
    if (repair.kind === "none") return;
    if (repair.kind === "rewrite-above" && repair.epoch >= this.epoch) this.#takeEpoch();
    this.#refreshes.add(cluster);
  }

  #committed({ plan, changes, batch }: Pending, lastSequence: number): void {
    if (!this.#mirror.commit(committedMessages(plan, lastSequence))) return this.reload();
    const left = planBatch(this.#mirror, changes, [], this.#context()).messages;
    for (const { uid, wanted } of changes) this.#mirror.confirm(uid, wanted);
    if (left.length > 0) this.#world.broke(`${batch.batchId} committed less than the whole change`);
    this.#release(changes.map(({ uid }) => uid));
  }

  #readAll(): { mirror: AssignmentMirror; last: number } {
    const mirror = new AssignmentMirror(isAuthentic);
    for (const message of this.#world.stream.all()) mirror.apply(message);
    return { mirror, last: this.#world.stream.lastSequence };
  }

  /** @returns whether the stream is another one than before. */
  #adopt({ mirror, last }: { mirror: AssignmentMirror; last: number }): boolean {
    const other = this.#incarnation !== this.#world.stream.incarnation;
    mirror.vouch(this.#mirror);
    this.#mirror = mirror;
    this.#readTo = last;
    this.#incarnation = this.#world.stream.incarnation;
    return other;
  }

  #readOne(message: StoredMessage): void {
    this.#readTo = message.sequence;
    const key = parseAssignmentSubject(message.subject);
    if (key === undefined) return;
    const share = (): DigestShare | undefined => (key.kind === "assignment" ? this.#mirror.cluster(key.cluster).assignments.get(key.uid)?.share : undefined);
    const before = share();
    this.#mirror.apply(message);
    if (this.#isTakenOver() || key.kind === "head" || before === share()) return;
    this.#drifted([{ uid: key.uid, cluster: key.cluster }]);
  }

  #drifted(drifts: readonly Drift[]): void {
    if (drifts.length > 0) this.#holdBack(Rebuild.ofDrift(drifts));
  }

  #holdBack(rebuild: Rebuild): void {
    this.#rebuild = this.#rebuild?.merge(rebuild) ?? rebuild;
    this.#release([]);
  }

  /** Once every awaited monitor was applied, the heads that were held back are written together. */
  #release(applied: readonly string[]): void {
    const rebuild = this.#rebuild;
    if (rebuild === undefined) return;
    rebuild.applied(applied);
    if (rebuild.awaited.size > 0) return;
    this.#rebuild = undefined;
    for (const cluster of new Set([...this.#world.clusters, ...this.#mirror.clusters()])) if (rebuild.holds(cluster)) this.#refreshes.add(cluster);
  }

  #isTakenOver(): boolean {
    const own = this.epoch;
    this.#fenced ||= this.#mirror.clusters().some((cluster) => isFenced(this.#mirror.cluster(cluster).head, own, this.#sent.get(cluster)));
    return this.#fenced;
  }

  #takeEpoch(): void {
    this.#fenced ||= !this.#world.isLeader(this.name);
    if (this.#fenced) return;
    this.#sent.clear();
    const now = this.#world.now();
    const status = [...this.#world.statusEpochs()].filter((epoch) => isPlausible(epoch, now));
    this.#epoch = nextEpoch([...this.#mirror.epochs(), ...status, ...this.#agentEpochs.values(), this.epoch], now);
  }

  #everyMonitor(): Set<string> {
    return new Set([...this.#view.keys(), ...this.#mirror.monitors()]);
  }

  /** Monitors that are to be applied: the awaited ones, and those whose stored assignments are not the wanted ones. */
  #dirty(): string[] {
    const awaited = this.#rebuild?.awaited ?? new Set<string>();
    return [...this.#everyMonitor().union(awaited)].filter((uid) => awaited.has(uid) || planBatch(this.#mirror, [this.#change(uid)], [], this.#context()).messages.length > 0);
  }

  #change(uid: string): MonitorChange {
    return { uid, wanted: this.#view.get(uid) ?? new Map() };
  }

  #context(): WriterContext {
    return { epoch: this.epoch, sent: this.#sent, settings: () => ({ region: "here", heartbeatIntervalMs: 10_000 }), sign, withhold: (cluster) => this.#rebuild?.holds(cluster) ?? false };
  }
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const at = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}
