import { randomUUID } from "node:crypto";
import type { Clock } from "@sightline/shared";
import { type NatsConnection, subscribeHeartbeats } from "@sightline/shared/nats";
import type { Logger } from "@sightline/shared/telemetry";
import type { Registry } from "prom-client";
import { defaultLimits, defaultTimes, StreamAssignmentWriter } from "./assignments/assignment-writer.ts";
import type { HubConfig } from "./config.ts";
import { startRegistrationController } from "./controllers/clusterregistration/setup.ts";
import { DEFAULT_RESYNC_MS, startMonitorController } from "./controllers/httpmonitor/setup.ts";
import { Controller } from "./kube/controller.ts";
import { createEvent } from "./kube/events.ts";
import type { ControllerMetrics } from "./kube/metrics.ts";
import { keyOf } from "./kube/resources.ts";
import type { Kubernetes } from "./kubernetes.ts";
import { PlanRegistry } from "./monitors/registry.ts";
import { Heartbeats } from "./registration/heartbeats.ts";
import { RegistrationMetrics } from "./registration/metrics.ts";
import { settingsOf } from "./registration/settings.ts";
import { watchSilence } from "./registration/silence-watch.ts";
import { IngestCounters } from "./results/counters.ts";
import { registerStatusMetrics } from "./results/metrics.ts";
import { ResultPipeline } from "./results/pipeline.ts";
import { ResultsPublisher } from "./results/results-publisher.ts";
import { StatusBoard } from "./results/status-board.ts";
import { StatusReconciler } from "./results/status-reconciler.ts";
import { ResultStore } from "./results/store.ts";

export interface WorkOptions {
  config: HubConfig;
  clock: Clock;
  random: () => number;
  logger: Logger;
  /** Its informers are started here, once everybody listens. */
  kubernetes: Kubernetes;
  nats: NatsConnection;
  metrics: ControllerMetrics;
  registry: Registry;
}

/** All that a hub does once NATS is there. */
export interface Work {
  readonly assignmentsReady: boolean;
  readonly resultsReady: boolean;
  /** Looks after every cluster's consumer and head again: what they stand in may have been made anew. */
  equipClusters(): void;
  stop(): Promise<void>;
}

/** Label of the metrics of the controller that writes statuses. */
const STATUS_CONTROLLER = "httpmonitor-status";

/** How long a sign of life of NATS is waited for before the hub takes itself for deaf. Milliseconds. */
const HEARING_TIMEOUT_MS = 5000;
const CHECK_INTERVAL_MS = 1000;
const CHECKPOINT_INTERVAL_MS = 2000;
const NATS_TIMEOUT_MS = 5000;
/** For how long a hub that cannot hear keeps its verdicts. After that they would be guesses. */
const DEAF_GRACE_MS = 300_000;

/** Wires the parts together and starts them. Arrows that go against the order of making are closures. */
export function startWork(options: WorkOptions): Work {
  const { config, clock, random, logger, kubernetes, nats, metrics, registry } = options;
  const { monitors, registrations, writer } = kubernetes;
  const stopping = new AbortController();
  const plans = new PlanRegistry();
  const board = new StatusBoard();
  const heartbeats = new Heartbeats(clock, (cluster, news) => {
    clusters.enqueue(cluster);
    if (news !== "agent") enqueueStatusesOf(cluster, news === "position");
  });

  const assignments = new StreamAssignmentWriter({
    connection: nats,
    clock,
    random,
    log: logger,
    settings: (cluster) => {
      const registration = registrations.get(cluster);
      return registration === undefined ? undefined : settingsOf(registration);
    },
    seenEpochs: () => [...heartbeats.epochs(), ...registrations.all().flatMap(({ status }) => [status?.assignedEpoch ?? 0, status?.acknowledgedEpoch ?? 0])],
    expectedMonitors: () => monitors.all().filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.uid),
    onDrift: (uids) => monitorController.enqueueUids(uids),
    onFenced: () => logger.error("This hub's assignments are fenced: another hub has taken over"),
    limits: defaultLimits,
    times: defaultTimes,
  });

  const store = new ResultStore(plans, plansComplete(kubernetes, plans));
  const results = new ResultPipeline({
    owner: randomUUID(),
    connection: nats,
    clock,
    random,
    log: logger,
    store,
    liveness: heartbeats,
    counters: new IngestCounters(registry),
    onChange: ({ uid }) => enqueueStatus(uid),
    onLost: (partition) => logger.error("Another hub has taken a partition of the results over", { partition }),
    checkIntervalMs: CHECK_INTERVAL_MS,
    checkpointIntervalMs: CHECKPOINT_INTERVAL_MS,
    timeoutMs: NATS_TIMEOUT_MS,
    deafGraceMs: DEAF_GRACE_MS,
    onCaughtUp: () => {
      for (const plan of plans.all()) statuses.enqueue(keyOf(plan));
    },
  });

  const statusReconciler = new StatusReconciler({
    monitors,
    registry: plans,
    results: store,
    momentOf: (uid) => results.momentOf(uid),
    liveness: heartbeats,
    acknowledged: (cluster) => heartbeats.acknowledged(cluster),
    publisher: new ResultsPublisher(kubernetes.configMaps, logger),
    writer,
    board,
    refreshBudget: config.refreshBudget,
    clock,
    logger,
  });
  const common = { clock, logger, metrics, concurrency: config.concurrency };
  const statuses = new Controller({ ...common, name: STATUS_CONTROLLER, reconciler: statusReconciler });
  const enqueueStatus = (uid: string): void => {
    const plan = plans.get(uid);
    if (plan !== undefined) statuses.enqueue(keyOf(plan));
  };
  /** @param waiting only those that still wait for an agent to acknowledge them. */
  const enqueueStatusesOf = (cluster: string, waiting: boolean): void => {
    for (const plan of plans.all()) {
      if (plan.clusters.has(cluster) && !(waiting && board.isReady(plan.uid))) statuses.enqueue(keyOf(plan));
    }
  };

  const monitorController = startMonitorController({
    ...common,
    monitors,
    registrations,
    registry: plans,
    assignments,
    writer,
    configMaps: kubernetes.configMaps,
    defaults: { intervalMs: config.defaultIntervalMs, timeoutMs: config.defaultTimeoutMs },
    resyncMs: DEFAULT_RESYNC_MS,
    planChanged: (key) => statuses.enqueue(key),
    forget: async (uid) => {
      await statusReconciler.forget(uid);
      board.forget(uid);
      store.forget(uid);
    },
  });
  const clusters = startRegistrationController({
    ...common,
    registrations,
    heartbeats,
    assignments,
    writer,
    ensureConsumer: (cluster) => assignments.ensureConsumer(cluster, 0),
    removeCluster: async (cluster) => {
      await assignments.removeCluster(cluster);
      await assignments.removeConsumer(cluster, 0);
    },
    recordEvent: async (note) => void (await createEvent(kubernetes.client, note)),
  });

  const heartbeatMetrics = new RegistrationMetrics(registry, registrations, heartbeats);
  const listening = subscribeHeartbeats(nats, {
    heartbeat: (cluster, heartbeat) => {
      heartbeatMetrics.heartbeat(heartbeats.heartbeat(cluster, heartbeat));
      assignments.repairHeld(cluster, heartbeat.held);
    },
    refused: (subject, error) => {
      heartbeatMetrics.heartbeat("invalid");
      logger.warn("A heartbeat cannot be read", { subject, error_type: error.code, error: error.message });
    },
    connection: (connected) => (connected ? heartbeats.connectionRestored() : heartbeats.connectionLost()),
  });
  registerStatusMetrics(registry, board);
  const equipClusters = (): void => {
    for (const { metadata } of registrations.all()) clusters.enqueue(metadata.name);
  };

  statuses.start();
  monitors.start();
  registrations.start();
  // Nothing is judged to be missing before both have been listed.
  void Promise.all([monitors.whenListed(), registrations.whenListed()]).then(() => {
    if (stopping.signal.aborted) return;
    assignments.start();
    results.own();
  });
  const watching = watchSilence({ heartbeats, clock, canHear: () => listening.canHear(clock, HEARING_TIMEOUT_MS) }, stopping.signal);

  return {
    get assignmentsReady() {
      return assignments.ready;
    },
    get resultsReady() {
      return assignments.ready && results.caughtUp;
    },
    equipClusters,
    stop: async () => {
      stopping.abort();
      listening.stop();
      await Promise.all([watching, monitorController.stop(), clusters.stop()]);
      await statuses.stop();
      await Promise.all([assignments.stop(), results.stop(), monitors.stop(), registrations.stop()]);
    },
  };
}

/** Whether every monitor that exists has a plan. Once it was so it stays so: later ones are announced before they run. */
function plansComplete({ monitors }: Kubernetes, plans: PlanRegistry): () => boolean {
  let complete = false;
  return () => {
    complete ||= monitors.synced && monitors.all().every(({ metadata }) => metadata.deletionTimestamp !== undefined || plans.get(metadata.uid) !== undefined);
    return complete;
  };
}
