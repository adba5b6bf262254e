import { randomUUID } from "node:crypto";
import type { Clock } from "@sightline/shared";
import type { SigningKey } from "@sightline/shared/identity";
import type { NatsConnection } from "@sightline/shared/nats";
import type { Logger } from "@sightline/shared/telemetry";
import type { Registry } from "prom-client";
import type { HubConfig } from "../config.ts";
import type { Kubernetes } from "../kubernetes.ts";
import type { Fence } from "../leadership/term.ts";
import type { PlanRegistry } from "../monitors/registry.ts";
import type { DistrustOf } from "../agents/agent-signature.ts";
import type { Heartbeats } from "../agents/heartbeats.ts";
import type { NotProbedChecks } from "../agents/not-probed.ts";
import type { ResultTraces } from "../telemetry/result-traces.ts";
import { IngestCounters } from "./counters.ts";
import type { OwnerOptions } from "./partition-owner.ts";
import { ResultPipeline } from "./pipeline.ts";
import { ResultsPublisher } from "./results-publisher.ts";
import type { StatusBoard } from "./status-board.ts";
import { StatusReconciler, type StatusReconcilerOptions } from "./status-reconciler.ts";
import { resultsStand } from "./status-triggers.ts";
import type { ResultStore } from "./store.ts";
import { WriteMetrics } from "./write-metrics.ts";
import { WritePacing } from "./write-pacing.ts";

const CHECK_INTERVAL_MS = 1000;
const CHECKPOINT_INTERVAL_MS = 2000;
const NATS_TIMEOUT_MS = 5000;
/** For how long a hub that cannot hear keeps its verdicts. After that they would be guesses. */
const DEAF_GRACE_MS = 300_000;

export interface ResultsOptions extends Pick<OwnerOptions, "onChange" | "onCaughtUp"> {
  nats: NatsConnection;
  clock: Clock;
  random: () => number;
  logger: Logger;
  registry: Registry;
  /** What checkpoints are signed with. */
  signing: SigningKey;
  store: ResultStore;
  heartbeats: Heartbeats;
  traces: ResultTraces;
  distrust: DistrustOf;
  fence: Fence;
  /** Another hub has taken a partition over. */
  onOverruled: () => void;
}

/** All partitions of the results. The caller takes them over. */
export function makeResults({ nats, logger, registry, heartbeats, fence, onOverruled, ...options }: ResultsOptions): ResultPipeline {
  return new ResultPipeline({
    ...options,
    owner: randomUUID(),
    connection: nats,
    log: logger,
    liveness: heartbeats,
    counters: new IngestCounters(registry),
    mayWrite: () => fence.mayWrite(),
    onLost: (partition) => {
      logger.error("Another hub has taken a partition of the results over", { partition });
      onOverruled();
    },
    checkIntervalMs: CHECK_INTERVAL_MS,
    checkpointIntervalMs: CHECKPOINT_INTERVAL_MS,
    timeoutMs: NATS_TIMEOUT_MS,
    deafGraceMs: DEAF_GRACE_MS,
  });
}

export interface StatusesOptions extends Pick<StatusReconcilerOptions, "stands"> {
  config: Pick<HubConfig, "transitionBudget" | "refreshBudget">;
  kubernetes: Kubernetes;
  plans: PlanRegistry;
  store: ResultStore;
  results: ResultPipeline;
  traces: ResultTraces;
  heartbeats: Heartbeats;
  notProbed: NotProbedChecks;
  board: StatusBoard;
  registry: Registry;
  clock: Clock;
  logger: Logger;
}

/** Who writes the statuses, by what the results say. */
export function makeStatusReconciler({ config, kubernetes, plans, store, results, heartbeats, registry, ...options }: StatusesOptions): StatusReconciler {
  const budget = { transitions: config.transitionBudget, refreshes: config.refreshBudget };
  const pacing = new WritePacing(budget, options.clock.monotonic());
  return new StatusReconciler({
    ...options,
    monitors: kubernetes.monitors,
    registry: plans,
    results: store,
    momentOf: (uid) => results.momentOf(uid),
    liveness: heartbeats,
    acknowledged: (cluster) => heartbeats.acknowledged(cluster),
    publisher: new ResultsPublisher(kubernetes.configMaps, kubernetes.results, options.logger),
    writer: kubernetes.writer,
    onGone: () => void kubernetes.monitors.refresh(),
    refreshBudget: config.refreshBudget,
    pacing,
    writes: new WriteMetrics(registry, { budget, pacing, monitors: () => kubernetes.monitors.size }),
    resultsStand: (plan) => resultsStand(kubernetes.results, plan),
  });
}
