import { type Clock, messageOf, type Timer } from "@sightline/shared";
import { headSigner, headsSignedBy, type SigningKey } from "@sightline/shared/identity";
import { ensureAgentConsumer, type NatsConnection, removeAgentConsumer, resetAgentConsumer } from "@sightline/shared/nats";
import { type Drift, isFenced, isPlausible, nextEpoch, Rebuild, repairFor, StallWatch, type WriterContext } from "@sightline/shared/protocol";
import { errorFields, type Logger } from "@sightline/shared/telemetry";
import type { ClusterSettings, Head, Position, SealedHeader } from "@sightline/shared/wire";
import { BatchCommitter } from "./committer.ts";
import type { BatchLimits } from "./job.ts";
import { AssignmentPicture, type Loaded } from "./picture.ts";
import { PositionBook } from "./positions.ts";
import { type Applied, AssignmentError, type AssignmentWriter, type HeldSet, type MonitorChange } from "./types.ts";

export interface AssignmentWriterOptions {
  connection: NatsConnection;
  clock: Clock;
  random: () => number;
  log: Logger;
  /** The hub's own: signs heads, and tells its heads from what somebody else wrote. */
  signing: SigningKey;
  /** What a cluster's head tells about the cluster; undefined for one that is not registered. */
  settings: (cluster: string) => ClusterSettings | undefined;
  /** Epochs that others have seen: in heartbeats and in ClusterRegistrations' status. */
  seenEpochs: () => Iterable<number>;
  /** UIDs of all monitors that should be assigned. The informer must have synced before the writer starts. */
  expectedMonitors: () => Iterable<string>;
  /** Assignments of these monitors are not as they were written: they must be applied again. */
  onDrift: (uids: ReadonlySet<string>) => void;
  /** Whether this replica leads at this very moment; asked before each write. */
  mayWrite: () => boolean;
  /** Somebody with a higher epoch has taken over. Called once; the writer never writes again. */
  onFenced: () => void;
  limits: BatchLimits;
  times: AssignmentWriterTimes;
}

/** Milliseconds. */
export interface AssignmentWriterTimes {
  /** How long a commit's answer, and a complete picture, are waited for. */
  commitTimeoutMs: number;
  /** How often what is inconsistent is looked for. */
  repairIntervalMs: number;
  /** How often the stream's identity and size are looked at. */
  checkIntervalMs: number;
  /** How often the whole stream is read again. */
  auditIntervalMs: number;
  /** How often it is said that heads are held back for monitors that are not applied again after a loss. */
  complainIntervalMs: number;
}

export const defaultTimes: AssignmentWriterTimes = {
  commitTimeoutMs: 10_000,
  repairIntervalMs: 10_000,
  checkIntervalMs: 5_000,
  auditIntervalMs: 600_000,
  complainIntervalMs: 60_000,
};

export const defaultLimits: BatchLimits = { maxMessages: 10_000, maxBytes: 32 * 1024 ** 2 };

/** Heartbeats come from the active replica; a further one resets its own consumer when it starts. */
const FIRST_ORDINAL = 0;
const UNREGISTERED: ClusterSettings = { region: "", heartbeatIntervalMs: 10_000 };

/** Commits changes as atomic batches, and keeps what is stored true. One per fleet of hubs: the epoch is its fence. */
export class StreamAssignmentWriter implements AssignmentWriter {
  readonly #options: AssignmentWriterOptions;
  readonly #sign: WriterContext["sign"];
  readonly #picture: AssignmentPicture;
  readonly #committer: BatchCommitter;
  readonly #positions = new PositionBook();
  readonly #agentEpochs = new Map<string, number>();
  readonly #stalls = new StallWatch();
  readonly #refreshing = new Set<string>();
  /** The last head sent to each cluster under the present epoch. */
  readonly #sent = new Map<string, Head>();
  /** Heads of the batch whose answer is awaited: an agent may hold one before we know that it stands. */
  #underWay: ReadonlyMap<string, Head> = new Map();
  readonly #timers: Timer[] = [];
  #epoch: number | undefined;
  #fenced = false;
  #rebuild: Rebuild | undefined;
  #complainAt = 0;

  constructor(options: AssignmentWriterOptions) {
    this.#options = options;
    this.#sign = headSigner(options.signing);
    this.#picture = new AssignmentPicture({
      ...options,
      isAuthentic: headsSignedBy(() => [options.signing.publicKey]),
      checkIntervalMs: options.times.checkIntervalMs,
      onLoaded: (loaded) => this.#loaded(loaded),
      onForeign: (cluster, drift) => this.#foreign(cluster, drift),
      onError: (error) => options.log.warn("Reading the assignment stream failed", errorFields(error)),
    });
    this.#committer = new BatchCommitter({
      ...options,
      picture: this.#picture,
      timeoutMs: options.times.commitTimeoutMs,
      context: () => this.#context(),
      onSend: ({ heads }) => {
        for (const [cluster, head] of heads) this.#sent.set(cluster, head);
        this.#underWay = heads;
      },
      onSettled: () => void (this.#underWay = new Map()),
      onCommitted: (plan) => this.#positions.committed(plan, (cluster) => this.#comingHead(cluster)),
      onApplied: (uids) => this.#release(uids),
      onConflict: () => this.#takeEpoch(),
    });
  }

  start(): void {
    this.#picture.start();
    this.#every(this.#options.times.repairIntervalMs, () => this.#repair());
    this.#every(this.#options.times.auditIntervalMs, () => this.#picture.reload());
  }

  /** Resolves when nothing is being written any more. Pending changes are refused. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    await Promise.all([this.#committer.stop(), this.#picture.stop()]);
  }

  get ready(): boolean {
    return this.#epoch !== undefined && !this.#fenced;
  }

  async apply(change: MonitorChange): Promise<Applied> {
    const wrote = await this.#committer.submit({ kind: "change", change });
    return { positions: this.#positions.of(change, this.#picture.mirror), wrote };
  }

  async refreshHead(cluster: string): Promise<void> {
    await this.#committer.submit({ kind: "refresh", cluster });
  }

  clustersOf(uid: string): ReadonlySet<string> {
    return this.#picture.mirror.clustersOf(uid);
  }

  sealedHeaders(cluster: string, uid: string): readonly SealedHeader[] {
    const stored = this.#picture.mirror.cluster(cluster).assignments.get(uid);
    return stored?.vouched === true ? (stored.sealedHeaders ?? []) : [];
  }

  monitors(): string[] {
    return this.#picture.mirror.monitors();
  }

  clusterState(cluster: string): { assigned: number; head: Position | undefined } {
    const { head, assignments } = this.#picture.mirror.cluster(cluster);
    return { assigned: assignments.size, head };
  }

  async removeCluster(cluster: string): Promise<void> {
    await this.#committer.remove(cluster);
    this.#agentEpochs.delete(cluster);
  }

  async ensureConsumer(cluster: string, ordinal: number): Promise<void> {
    this.#mustLead();
    await onNats(cluster, () => ensureAgentConsumer(this.#options.connection, cluster, ordinal));
  }

  async removeConsumer(cluster: string, ordinal: number): Promise<void> {
    this.#mustLead();
    await onNats(cluster, () => removeAgentConsumer(this.#options.connection, cluster, ordinal));
  }

  repairHeld(cluster: string, held: HeldSet): void {
    const { clock, log } = this.#options;
    const now = clock.now();
    if (held !== null && isPlausible(held.epoch, now)) this.#agentEpochs.set(cluster, held.epoch);
    if (this.#isUnderRepair(cluster)) return;
    const { head } = this.#picture.mirror.cluster(cluster);
    if (this.#stalls.observe(cluster, held, head)) this.#resetConsumer(cluster);
    const repair = repairFor(held, head, now);
    if (repair.kind === "none") return;
    log.warn("An agent holds another set than what is stored", { cluster, repair: repair.kind });
    if (repair.kind === "rewrite-above" && repair.epoch >= (this.#epoch ?? 0)) this.#takeEpoch();
    this.#refreshQuietly(cluster);
  }

  #resetConsumer(cluster: string): void {
    const { connection, log } = this.#options;
    log.warn("An agent does not come nearer to its head: its consumer is set back", { cluster });
    resetAgentConsumer(connection, cluster, FIRST_ORDINAL).catch((error: unknown) => log.warn("Failed to set a consumer back", { cluster, ...errorFields(error) }));
  }

  /** @throws AssignmentError */
  #mustLead(): void {
    if (!this.#options.mayWrite()) throw new AssignmentError("NOT_LEADING", "this replica does not lead");
  }

  #isUnderRepair(cluster: string): boolean {
    return !this.ready || !this.#options.mayWrite() || this.#underWay.has(cluster) || this.#refreshing.has(cluster) || this.#rebuild?.holds(cluster) === true;
  }

  // --- what reading brings ---------------------------------------------------------------------------------------

  #loaded({ first, lost, drifts }: Loaded): void {
    if (this.#isTakenOver()) return;
    const { log, expectedMonitors } = this.#options;
    if (first || lost) this.#takeEpoch();
    if (first) {
      this.#positions.loaded(this.#picture.mirror);
      this.#holdBack(Rebuild.ofAll(expectedMonitors()));
    } else if (lost) {
      log.warn("The assignment stream was lost or rolled back", { monitors: this.#picture.mirror.monitors().length });
      this.#holdBack(Rebuild.ofAll(expectedMonitors()));
      this.#askFor(expectedMonitors());
    }
    if (drifts.length > 0) this.#drifted(drifts);
  }

  #foreign(cluster: string, drift: Drift | undefined): void {
    if (this.#isTakenOver()) return;
    this.#options.log.warn("Somebody else wrote to the assignment stream", { cluster, uid: drift?.uid });
    if (drift !== undefined) this.#drifted([drift]);
  }

  #drifted(drifts: readonly Drift[]): void {
    this.#holdBack(Rebuild.ofDrift(drifts));
    this.#askFor(drifts.map(({ uid }) => uid));
  }

  #askFor(uids: Iterable<string>): void {
    const asked = new Set(uids);
    if (asked.size > 0) this.#options.onDrift(asked);
  }

  #holdBack(rebuild: Rebuild): void {
    this.#rebuild = this.#rebuild?.merge(rebuild) ?? rebuild;
    this.#complainAt = this.#options.clock.now() + this.#options.times.complainIntervalMs;
    this.#release([]);
  }

  /** Ends the holding back once every awaited monitor has been applied: then all heads concerned are written. */
  #release(applied: readonly string[]): void {
    const rebuild = this.#rebuild;
    if (rebuild === undefined) return;
    rebuild.applied(applied);
    if (rebuild.awaited.size > 0) return this.#complain(rebuild);
    this.#rebuild = undefined;
    for (const cluster of this.#picture.mirror.clusters()) if (rebuild.holds(cluster)) this.#refreshQuietly(cluster);
  }

  /** However long it takes: agents go on with what they have, while a head without these monitors would stop them. */
  #complain(rebuild: Rebuild): void {
    const { clock, log, times } = this.#options;
    if (clock.now() < this.#complainAt) return;
    this.#complainAt = clock.now() + times.complainIntervalMs;
    log.warn("Heads are held back until these monitors have been applied again", { monitors: rebuild.awaited.size, first: [...rebuild.awaited].slice(0, 10) });
  }

  /** Fences this writer when any head is of a higher epoch than its own, or of its own and not sent by it. */
  #isTakenOver(): boolean {
    const { mirror } = this.#picture;
    const own = this.#epoch;
    if (own !== undefined && !this.#fenced && mirror.clusters().some((cluster) => isFenced(mirror.cluster(cluster).head, own, this.#sent.get(cluster)))) {
      this.#fenced = true;
      this.#options.log.error("Another writer has taken over the assignments", { epoch: own });
      this.#options.onFenced();
    }
    return this.#fenced;
  }

  #takeEpoch(): void {
    const { clock, seenEpochs } = this.#options;
    const seen = [...seenEpochs()].filter((epoch) => isPlausible(epoch, clock.now()));
    this.#sent.clear();
    this.#epoch = nextEpoch([...this.#picture.mirror.epochs(), ...seen, ...this.#agentEpochs.values(), this.#epoch ?? 0], clock.now());
  }

  // --- repairs ---------------------------------------------------------------------------------------------------

  #repair(): void {
    if (!this.ready) return;
    if (this.#rebuild === undefined) {
      for (const cluster of this.#picture.mirror.inconsistentClusters()) this.#refreshQuietly(cluster);
      return;
    }
    this.#askFor(this.#rebuild.awaited);
    // Nobody applies a monitor that is gone: it is not waited for. One that is still stored is, until it has been withdrawn.
    const expected = new Set(this.#options.expectedMonitors());
    this.#release([...this.#rebuild.awaited].filter((uid) => !expected.has(uid) && this.clustersOf(uid).size === 0));
  }

  #refreshQuietly(cluster: string): void {
    if (this.#refreshing.has(cluster)) return;
    this.#refreshing.add(cluster);
    this.refreshHead(cluster)
      .catch((error: unknown) => this.#options.log.warn("Failed to write a cluster's head", { cluster, ...errorFields(error) }))
      .finally(() => this.#refreshing.delete(cluster));
  }

  #every(intervalMs: number, act: () => void): void {
    const slot = this.#timers.length;
    const again = (): void => {
      this.#timers[slot] = this.#options.clock.schedule(intervalMs, () => (act(), again()), { unref: true });
    };
    again();
  }

  /** @throws AssignmentError when this writer may not write. */
  #context(): WriterContext {
    if (this.#fenced) throw new AssignmentError("WRITER_FENCED", "another writer has taken over the assignments");
    this.#mustLead();
    return {
      epoch: this.#epoch ?? 0,
      sent: this.#sent,
      settings: (cluster) => this.#options.settings(cluster) ?? this.#picture.mirror.cluster(cluster).head?.settings ?? UNREGISTERED,
      sign: this.#sign,
      withhold: (cluster) => this.#rebuild?.holds(cluster) ?? false,
    };
  }

  /** The head that will be written for a cluster whose head is held back now. */
  #comingHead(cluster: string): Position {
    const generation = Math.max(this.#picture.mirror.cluster(cluster).head?.generation ?? 0, this.#sent.get(cluster)?.generation ?? 0);
    return { epoch: this.#epoch ?? 0, generation: generation + 1 };
  }
}

async function onNats(cluster: string, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (cause) {
    throw new AssignmentError("NATS_UNAVAILABLE", `failed to apply to cluster ${cluster}: ${messageOf(cause)}`, { cause });
  }
}
