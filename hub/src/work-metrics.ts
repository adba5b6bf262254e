import type { Clock } from "@sightline/shared";
import { liveFigure, METRICS } from "@sightline/shared/metrics";
import type { Logger } from "@sightline/shared/telemetry";
import type { Registry } from "prom-client";
import type { AssignmentWriter } from "./assignments/types.ts";
import type { HubConfig } from "./config.ts";
import type { Kubernetes } from "./kubernetes.ts";
import type { PlanRegistry } from "./monitors/registry.ts";
import type { Heartbeats } from "./agents/heartbeats.ts";
import { RegistrationMetrics } from "./agents/metrics.ts";
import type { NotProbedChecks } from "./agents/not-probed.ts";
import { registerStatusMetrics } from "./results/metrics.ts";
import { registerPairMetrics } from "./results/pair-metrics.ts";
import type { ResultPipeline } from "./results/pipeline.ts";
import type { StatusBoard } from "./results/status-board.ts";
import type { ResultStore } from "./results/store.ts";

/** The parts of the active replica's work that metrics are read from. */
export interface WorkMetricsOptions {
  config: HubConfig;
  clock: Clock;
  logger: Logger;
  registry: Registry;
  kubernetes: Pick<Kubernetes, "registrations">;
  plans: PlanRegistry;
  board: StatusBoard;
  store: ResultStore;
  results: ResultPipeline;
  assignments: AssignmentWriter;
  heartbeats: Heartbeats;
  notProbed: NotProbedChecks;
}

/** Registers what is read from the parts at each scrape. @returns where heartbeats are counted. */
export function registerWorkMetrics({ registry, config, clock, logger, kubernetes, plans, board, store, ...parts }: WorkMetricsOptions): RegistrationMetrics {
  const { registrations } = kubernetes;
  const { assignments, results, heartbeats, notProbed } = parts;
  registerStatusMetrics(registry, board);
  registerPairMetrics(registry, { plans, board, results: store, regionOf: (cluster) => registrations.get(cluster)?.spec.region ?? "", limit: config.pairSeriesLimit, logger });
  liveFigure(registry, METRICS.resultsLag, () => results.lagMs(clock.now()) / 1000);
  const assigned = (cluster: string): number | undefined => (assignments.ready ? assignments.clusterState(cluster).assigned : undefined);
  return new RegistrationMetrics(registry, { registrations, heartbeats, notProbed, assigned });
}
