import type { Clock } from "@sightline/shared";
import type { HeartbeatSubscription, NatsConnection } from "@sightline/shared/nats";
import type { Logger, Tracer } from "@sightline/shared/telemetry";
import { AGENT_ORDINAL, partitionOf } from "@sightline/shared/wire";
import type { Registry } from "prom-client";
import type { StreamAssignmentWriter } from "./assignments/assignment-writer.ts";
import { makeAssignments } from "./assignments/setup.ts";
import type { AuditLog } from "./audit/types.ts";
import type { HubConfig } from "./config.ts";
import type { HubKeys } from "./identity/hub-keys.ts";
import { REGISTRATION_CONTROLLER, type RegistrationController, startRegistrationController } from "./controllers/clusterregistration/setup.ts";
import { DEFAULT_RESYNC_MS, MONITOR_CONTROLLER, type MonitorController, startMonitorController } from "./controllers/httpmonitor/setup.ts";
import type { Enqueued } from "./debug/debugging.ts";
import type { KubeClient } from "./kube/client.ts";
import { Controller, type ControllerOptions } from "./kube/controller.ts";
import { Enrolment } from "./enrolment/setup.ts";
import { EventRecorder } from "./events/event-recorder.ts";
import { MonitorEventLog } from "./events/monitor-event-log.ts";
import { createEvent, type EventNote } from "./kube/events.ts";
import type { ControllerMetrics } from "./kube/metrics.ts";
import type { Around, Enqueue } from "./kube/types.ts";
import { keyOf } from "./kube/resources.ts";
import { fenced, type Kubernetes } from "./kubernetes.ts";
import type { Fence } from "./leadership/term.ts";
import { watchLeaks } from "./leaks/setup.ts";
import type { MonitorPlan } from "./monitors/plan.ts";
import { plansComplete } from "./monitors/plans-complete.ts";
import { PlanRegistry } from "./monitors/registry.ts";
import { thresholdsIn } from "./monitors/thresholds.ts";
import { type DistrustOf, distrustOf } from "./agents/agent-signature.ts";
import { type HeartbeatNews, Heartbeats } from "./agents/heartbeats.ts";
import { listenForHeartbeats } from "./agents/listening.ts";
import { NotProbedChecks } from "./agents/not-probed.ts";
import type { RegistrationMetrics } from "./agents/metrics.ts";
import { watchSilence } from "./agents/silence-watch.ts";
import type { ResultPipeline } from "./results/pipeline.ts";
import { makeResults, makeStatusReconciler } from "./results/setup.ts";
import { StatusBoard } from "./results/status-board.ts";
import type { StatusReconciler } from "./results/status-reconciler.ts";
import { watchWritten } from "./results/status-triggers.ts";
import { ResultStore } from "./results/store.ts";
import { startGuard } from "./security/setup.ts";
import { makeSecrets, type Secrets } from "./secrets/setup.ts";
import { ResultTraces } from "./telemetry/result-traces.ts";
import { registerWorkMetrics } from "./work-metrics.ts";

export interface WorkOptions {
  config: HubConfig;
  keys: HubKeys;
  audit: AuditLog;
  clock: Clock;
  random: () => number;
  logger: Logger;
  /** Its informers run, and know at least what stood when this replica began to lead. */
  kubernetes: Kubernetes;
  /** Asked before each write, to Kubernetes and to NATS. */
  fence: Fence;
  /** Somebody else writes what only one may write: this work is to be ended. */
  onOverruled: () => void;
  nats: NatsConnection;
  metrics: ControllerMetrics;
  tracer: Tracer;
  /** What every reconcile of every controller passes through, the outermost first. */
  around: readonly Around[];
  /** Of this work alone: its series go away with it, since a replica exports only what it owns. */
  registry: Registry;
}

/** Label of the metrics of the controller that writes statuses. */
const STATUS_CONTROLLER = "httpmonitor-status";

/** Every controller that the active replica runs, by the label of its metrics. */
export const CONTROLLERS = [MONITOR_CONTROLLER, STATUS_CONTROLLER, REGISTRATION_CONTROLLER] as const;

/** How long a sign of life of NATS is waited for before the hub takes itself for deaf. Milliseconds. */
const HEARING_TIMEOUT_MS = 5000;

/** All that the active replica does, for one term of leading. Makes its parts, tells each what it needs of the others, and starts them in order. */
export class Work {
  readonly #options: WorkOptions;
  readonly #stopping = new AbortController();
  readonly #plans = new PlanRegistry();
  readonly #board = new StatusBoard();
  readonly #heartbeats: Heartbeats;
  readonly #notProbed = new NotProbedChecks();
  readonly #heartbeatMetrics: RegistrationMetrics;
  readonly #store: ResultStore;
  readonly #traces: ResultTraces;
  readonly #events: EventRecorder;
  readonly #monitorEvents: MonitorEventLog;
  readonly #assignments: StreamAssignmentWriter;
  readonly #secrets: Secrets;
  readonly #results: ResultPipeline;
  readonly #statusReconciler: StatusReconciler;
  readonly #statuses: Controller;
  readonly #monitors: MonitorController;
  readonly #enrolment: Enrolment;
  readonly #clusters: RegistrationController;
  readonly #listening: HeartbeatSubscription;
  readonly #watching: Promise<unknown>;
  readonly #endWatchingWritten: () => void;
  readonly #distrust: DistrustOf = (cluster, message) => distrustOf(this.#options.kubernetes.registrations.get(cluster), message);

  constructor(options: WorkOptions) {
    this.#options = { ...options, kubernetes: fenced(options.kubernetes, options.fence) };
    const { kubernetes, clock } = this.#options;
    this.#heartbeats = new Heartbeats(clock, (cluster, news) => this.#heard(cluster, news));
    this.#store = new ResultStore(this.#plans, plansComplete(kubernetes.monitors, this.#plans), (monitor) => thresholdsIn(kubernetes.monitors, monitor));
    this.#traces = new ResultTraces({ ...this.#options, checkOf: (uid, checkHash) => this.#plans.checkOf(uid, checkHash) });
    this.#events = new EventRecorder({ ...this.#options, create: (note) => createEvent(kubernetes.client, note) });
    this.#monitorEvents = new MonitorEventLog(clock, (note) => this.#events.record(note));
    this.#assignments = makeAssignments({ ...this.#options, signing: options.keys.signing, heartbeats: this.#heartbeats, onDrift: (uids) => this.#monitors.enqueueUids(uids) });
    this.#secrets = makeSecrets({ ...this.#options, config: options.config.secrets, assignments: this.#assignments, onChange: (uids) => this.#monitors.enqueueUids(uids) });
    this.#results = makeResults({
      ...this.#parts(),
      signing: options.keys.signing,
      distrust: this.#distrust,
      onChange: ({ uid }) => this.#enqueueStatus(uid),
      onCaughtUp: (partition) => this.#enqueueStatuses(({ uid }) => partitionOf(uid) === partition),
    });
    this.#statusReconciler = makeStatusReconciler({ ...this.#parts(), results: this.#results, stands: (standing) => this.#monitorEvents.stands(standing) });
    this.#statuses = new Controller({ ...this.#controllerOptions(), name: STATUS_CONTROLLER, reconciler: this.#statusReconciler });
    this.#heartbeatMetrics = registerWorkMetrics({ ...this.#parts(), results: this.#results, assignments: this.#assignments });
    this.#endWatchingWritten = watchWritten(kubernetes, (key) => this.#statuses.enqueue(key));
    this.#monitors = this.#startMonitors(options.kubernetes.client);
    this.#enrolment = new Enrolment({ ...this.#options, client: kubernetes.client, recordEvent: (note) => this.#events.record(note) });
    this.#clusters = this.#startClusters();
    this.#listening = this.#listen();
    this.#watching = this.#watch();
    this.#begin();
  }

  /** What it was given, and what is known of monitors and clusters. */
  #parts() {
    return { ...this.#options, plans: this.#plans, board: this.#board, store: this.#store, traces: this.#traces, heartbeats: this.#heartbeats, notProbed: this.#notProbed };
  }

  #begin(): void {
    this.#statuses.start();
    this.#assignments.start();
    this.#results.own();
  }

  get assignmentsReady(): boolean {
    return this.#assignments.ready;
  }

  get resultsReady(): boolean {
    return this.#assignments.ready && this.#results.caughtUp;
  }

  /** Looks after every cluster's consumer and head again: what they stand in may have been made anew. */
  equipClusters(): void {
    for (const { metadata } of this.#options.kubernetes.registrations.all()) this.#clusters.enqueue(metadata.name);
  }

  /** Asks one controller, by its name, for a reconcile of an object that is there. */
  enqueue(controller: string, key: string): Exclude<Enqueued, "standby"> {
    const { monitors, registrations } = this.#options.kubernetes;
    const queues = new Map<string, { objects: { get(key: string): unknown }; enqueue: Enqueue }>([
      [MONITOR_CONTROLLER, { objects: monitors, enqueue: this.#monitors.enqueue }],
      [STATUS_CONTROLLER, { objects: monitors, enqueue: this.#statuses.enqueue }],
      [REGISTRATION_CONTROLLER, { objects: registrations, enqueue: this.#clusters.enqueue }],
    ]);
    const asked = queues.get(controller);
    if (asked === undefined) return "absent";
    if (asked.objects.get(key) === undefined) return "without such an object";
    asked.enqueue(key);
    return "asked";
  }

  /** Ends everything. What is asked of the assignments meanwhile is refused: the next leader will do it. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#listening.stop();
    this.#endWatchingWritten();
    await Promise.all([this.#watching, this.#monitors.stop(), this.#clusters.stop(), this.#enrolment.stop(), this.#assignments.stop(), this.#statuses.stop()]);
    this.#secrets.stop();
    await this.#events.stop();
    // Last: a checkpoint is written only up to what the statuses show.
    await this.#results.stop();
  }

  /** @param client not fenced: asking for a right is a POST, and changes nothing */
  #startMonitors(client: KubeClient): MonitorController {
    const { config, kubernetes } = this.#options;
    const recordEvent = (note: EventNote): void => this.#events.record(note);
    const onChange = (uids: ReadonlySet<string>): void => this.#monitors.enqueueUids(uids);
    const security = startGuard({ ...this.#options, kubernetes: { ...kubernetes, client }, recordEvent, onChange });
    const controller = startMonitorController({
      ...this.#controllerOptions(),
      ...kubernetes,
      registry: this.#plans,
      assignments: this.#assignments,
      secrets: this.#secrets.monitors,
      guard: security.guard,
      defaults: { intervalMs: config.defaultIntervalMs, timeoutMs: config.defaultTimeoutMs },
      resyncMs: DEFAULT_RESYNC_MS,
      planChanged: (plan) => {
        this.#board.expect(plan.uid);
        this.#statuses.enqueue(keyOf(plan));
      },
      forget: async (uid) => {
        await this.#statusReconciler.forget(uid);
        this.#board.forget(uid);
        this.#monitorEvents.forget(uid);
        this.#store.forget(uid);
        this.#traces.forget(uid);
        this.#secrets.monitors.forget(uid);
        security.guard.forget(uid);
      },
    });
    const stop = async (): Promise<void> => {
      await controller.stop();
      await security.stop();
    };
    return { ...controller, stop };
  }

  #startClusters(): RegistrationController {
    const { kubernetes } = this.#options;
    return startRegistrationController({
      ...this.#controllerOptions(),
      ...kubernetes,
      heartbeats: this.#heartbeats,
      assignments: this.#assignments,
      ensureConsumer: (cluster) => this.#assignments.ensureConsumer(cluster, AGENT_ORDINAL),
      removeCluster: async (cluster) => {
        this.#notProbed.forget(cluster);
        await this.#enrolment.forget(cluster);
        await this.#assignments.removeCluster(cluster);
        await this.#assignments.removeConsumer(cluster, AGENT_ORDINAL);
      },
      shutOut: (registration) => this.#enrolment.shutOut(registration),
      letIn: (registration) => this.#enrolment.letIn(registration),
      recordEvent: async (note) => this.#events.record(note),
    });
  }

  /** For silent clusters, and for leaks, until the work is stopped. */
  #watch(): Promise<unknown> {
    const { clock, config } = this.#options;
    const { signal } = this.#stopping;
    const silence = watchSilence({ heartbeats: this.#heartbeats, clock, canHear: () => this.#listening.canHear(clock, HEARING_TIMEOUT_MS) }, signal);
    const recordEvent = (note: EventNote): void => this.#events.record(note);
    const leaks = watchLeaks({ ...this.#options, ...config, assignments: this.#assignments, hubNamespace: config.leaseNamespace, recordEvent }, signal);
    return Promise.all([silence, leaks]);
  }

  #listen(): HeartbeatSubscription {
    const { nats, clock, logger } = this.#options;
    return listenForHeartbeats({
      nats,
      clock,
      logger,
      heartbeats: this.#heartbeats,
      metrics: this.#heartbeatMetrics,
      distrust: this.#distrust,
      accepted: (cluster, { notProbed }) => {
        for (const uid of this.#notProbed.take(cluster, notProbed)) this.#enqueueStatus(uid);
      },
      held: (cluster, held) => this.#assignments.repairHeld(cluster, held),
    });
  }

  #controllerOptions(): Pick<ControllerOptions, "clock" | "logger" | "metrics" | "concurrency" | "around"> {
    const { clock, logger, metrics, config, around } = this.#options;
    return { clock, logger, metrics, concurrency: config.concurrency, around };
  }

  /** A new position matters to those that still wait for it; availability matters to all that run there. */
  #heard(cluster: string, news: HeartbeatNews): void {
    this.#clusters.enqueue(cluster);
    if (news === "agent") return;
    if (news === "availability") return this.#enqueueStatuses((plan) => plan.clusters.has(cluster));
    for (const uid of this.#board.unready()) if (this.#plans.get(uid)?.clusters.has(cluster) === true) this.#enqueueStatus(uid);
  }

  #enqueueStatus(uid: string): void {
    const plan = this.#plans.get(uid);
    if (plan !== undefined) this.#statuses.enqueue(keyOf(plan));
  }

  #enqueueStatuses(concerns: (plan: MonitorPlan) => boolean): void {
    for (const plan of this.#plans.all()) if (concerns(plan)) this.#statuses.enqueue(keyOf(plan));
  }
}
