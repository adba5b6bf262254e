import type { Clock } from "@sightline/shared";
import { type ClusterRegistration, type ClusterRegistrationStatus, isConditionTrue, REGISTRATION_FINALIZER } from "@sightline/shared/api";
import { childSpan, keepTrace, type Logger, spanning } from "@sightline/shared/telemetry";
import { isDeepStrictEqual } from "node:util";
import type { ClusterSettings, Position } from "@sightline/shared/wire";
import type { AssignmentWriter } from "../../assignments/types.ts";
import type { EventNote } from "../../kube/events.ts";
import { CLUSTER_REGISTRATIONS } from "../../kube/resources.ts";
import type { Lister, Reconciler, ReconcileResult } from "../../kube/types.ts";
import type { KubeWriter } from "../../kube/writes.ts";
import type { Heartbeats } from "../../agents/heartbeats.ts";
import { heartbeatNumbers, settingsOf } from "../../agents/settings.ts";
import { availabilityEvent, decideStatus } from "./decide.ts";
import { planWrite } from "./pacing.ts";

export interface RegistrationReconcilerOptions {
  registrations: Lister<ClusterRegistration>;
  heartbeats: Heartbeats;
  assignments: Pick<AssignmentWriter, "ready" | "clusterState" | "refreshHead">;
  writer: KubeWriter;
  clock: Clock;
  logger: Logger;
  /** Makes or mends what the cluster's agents read their assignments by. */
  ensureConsumer: (cluster: string) => Promise<void>;
  /** Takes away everything of a cluster that is no longer registered. May be called again. */
  removeCluster: (cluster: string) => Promise<void>;
  /** Revokes what a cluster's agent may hold, where its registration says that it is not let in (any more). */
  shutOut: (registration: ClusterRegistration) => Promise<void>;
  /** A cluster is accepted that was not. */
  letIn: (registration: ClusterRegistration) => Promise<void>;
  recordEvent: (note: EventNote) => Promise<void>;
}

/** How long to wait for what is being read: the assignments, or that the registration is gone. Milliseconds. */
const NOT_READY_MS = 1000;
/** A cluster's consumer and head are looked after this often: what was deleted by hand is back within 30 s. Milliseconds. */
const RESYNC_MS = 15_000;
/** While its monitors are taken elsewhere, and at most. It is the hub's own work: no agent is waited for. Milliseconds. */
const DRAIN_POLL_MS = 200;
const DRAIN_MAX_MS = 30_000;

/** Looks after one member cluster: its registration's status, its consumer, its head, and its leaving. */
export class RegistrationReconciler implements Reconciler {
  readonly #options: RegistrationReconcilerOptions;
  /** Clusters that were looked after and have not been taken away since. */
  readonly #known = new Set<string>();
  /** Hub's clock: when each registration's status was written last. */
  readonly #writtenAt = new Map<string, number>();
  /** The settings that each cluster's head was last written with by this process. */
  readonly #settings = new Map<string, ClusterSettings>();

  constructor(options: RegistrationReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(cluster: string): Promise<ReconcileResult> {
    const registration = this.#fetch(cluster);
    if (registration === undefined) return this.#vanished(cluster);
    if (registration.metadata.deletionTimestamp !== undefined) return this.#release(registration);
    this.#known.add(cluster);
    const held = await this.#options.writer.addFinalizer(CLUSTER_REGISTRATIONS, registration.metadata, REGISTRATION_FINALIZER);
    if (!held) return { again: true, requeueAfterMs: NOT_READY_MS };
    await this.#options.shutOut(registration);
    const ready = this.#options.assignments.ready;
    if (ready && registration.spec.accepted === true) await this.#equip(registration);
    const inMs = await this.#writeStatus(registration);
    const requeueAfterMs = Math.min(inMs ?? RESYNC_MS, RESYNC_MS, ready ? RESYNC_MS : NOT_READY_MS);
    return { requeueAfterMs, ...(ready ? {} : { again: true }) };
  }

  #fetch(cluster: string): ClusterRegistration | undefined {
    using _span = childSpan("fetch-resource");
    return this.#options.registrations.get(cluster);
  }

  /** Somebody took the finalizer away by hand: what was made for the cluster goes all the same. */
  async #vanished(cluster: string): Promise<ReconcileResult> {
    if (this.#known.has(cluster) && this.#options.registrations.synced) await this.#forget(cluster);
    return {};
  }

  /** A registration that is being deleted is closed for placement already; its monitors are on their way elsewhere. */
  async #release(registration: ClusterRegistration): Promise<ReconcileResult> {
    const { metadata } = registration;
    if (metadata.finalizers?.includes(REGISTRATION_FINALIZER) !== true) return {};
    const { assignments, clock, writer, logger } = this.#options;
    await this.#options.shutOut(registration);
    if (!assignments.ready) return { again: true, requeueAfterMs: NOT_READY_MS };
    const drainingMs = clock.now() - Date.parse(metadata.deletionTimestamp ?? "");
    if (assignments.clusterState(metadata.name).assigned > 0 && drainingMs < DRAIN_MAX_MS) return { again: true, requeueAfterMs: DRAIN_POLL_MS };
    await this.#forget(metadata.name);
    await writer.removeFinalizer(CLUSTER_REGISTRATIONS, metadata, REGISTRATION_FINALIZER);
    logger.info("Cluster removed", { cluster: metadata.name });
    return {};
  }

  async #forget(cluster: string): Promise<void> {
    await this.#options.removeCluster(cluster);
    this.#options.heartbeats.unregister(cluster);
    this.#known.delete(cluster);
    this.#writtenAt.delete(cluster);
    this.#settings.delete(cluster);
  }

  /** Consumer and head are there before the first assignment is, and the head carries the present settings. */
  async #equip(registration: ClusterRegistration): Promise<void> {
    const cluster = registration.metadata.name;
    await this.#options.ensureConsumer(cluster);
    const wanted = settingsOf(registration);
    const { head } = this.#options.assignments.clusterState(cluster);
    if (head !== undefined && isDeepStrictEqual(this.#settings.get(cluster), wanted)) return;
    await this.#options.assignments.refreshHead(cluster);
    this.#settings.set(cluster, wanted);
  }

  /** @returns milliseconds until the status should be looked at again, or undefined when it says everything. */
  async #writeStatus(registration: ClusterRegistration): Promise<number | undefined> {
    const { writer, clock } = this.#options;
    const { name } = registration.metadata;
    const now = clock.now();
    const wanted = this.#statusOf(registration, now);
    const plan = planWrite(registration.status, wanted, this.#writtenAt.get(name) ?? timeOf(registration.status?.lastHeartbeatTime), now);
    if (plan === undefined) return undefined;
    if (plan.inMs > 0) return plan.inMs;
    const kind = plan.difference === "conditions" ? "registration-status-conditions" : "registration-status-refresh";
    await spanning(childSpan("update-status"), () => writer.patchStatus(kind, CLUSTER_REGISTRATIONS, registration.metadata, wanted));
    this.#writtenAt.set(name, now);
    if (isConditionTrue(wanted.conditions, "Accepted") && !isConditionTrue(registration.status?.conditions, "Accepted")) await this.#options.letIn(registration);
    await this.#tell(registration, wanted);
    return undefined;
  }

  #statusOf(registration: ClusterRegistration, now: number): ClusterRegistrationStatus {
    const { heartbeats, assignments } = this.#options;
    const cluster = registration.metadata.name;
    const { assigned, head } = assignments.ready ? assignments.clusterState(cluster) : lastSaid(registration);
    return decideStatus({
      registration,
      liveness: heartbeats.get(cluster),
      heartbeat: heartbeats.last(cluster),
      numbers: heartbeats.numbersInForce(cluster) ?? heartbeatNumbers(registration),
      assigned,
      head,
      now,
    });
  }

  /** One event for the cluster: not one for each of its monitors. */
  async #tell({ metadata, status }: ClusterRegistration, written: ClusterRegistrationStatus): Promise<void> {
    const note = availabilityEvent(status, written);
    if (note === undefined) return;
    keepTrace();
    this.#options.logger.info("Cluster availability changed", { cluster: metadata.name, reason: note.reason });
    await this.#options.recordEvent({ ...note, resource: CLUSTER_REGISTRATIONS, object: metadata, at: this.#options.clock.now() });
  }
}

/** Hub's clock, milliseconds; undefined when the text is no time. After a restart it stands for the last write. */
function timeOf(text: string | undefined): number | undefined {
  const ms = Date.parse(text ?? "");
  return Number.isNaN(ms) ? undefined : ms;
}

/** What the status says of the assignments: what stands until they have been read. */
function lastSaid({ status }: ClusterRegistration): { assigned: number; head: Position | undefined } {
  const { assignedMonitors: assigned = 0, assignedEpoch: epoch, assignedGeneration: generation } = status ?? {};
  return { assigned, head: epoch === undefined || generation === undefined ? undefined : { epoch, generation } };
}
