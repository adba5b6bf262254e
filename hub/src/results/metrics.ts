import { counter, live, METRICS } from "@sightline/shared/metrics";
import type { Registry } from "prom-client";
import type { StatusBoard } from "./status-board.ts";

const VERDICTS = ["Healthy", "Degraded", "Unhealthy", "Unknown"] as const;

/** The aggregated series. They are rendered from what is shown at scrape time: a deleted monitor's are gone at once. */
export function registerStatusMetrics(registry: Registry, board: StatusBoard): void {
  live(registry, METRICS.monitorStatus, function* () {
    for (const { namespace, monitor, status } of board.all()) {
      for (const verdict of VERDICTS) yield { labels: { namespace, monitor, status: verdict }, value: Number(verdict === status) };
    }
  });
  live(registry, METRICS.monitorClusters, function* () {
    for (const { namespace, monitor, clusters } of board.all()) {
      for (const [state, value] of Object.entries(clusters)) yield { labels: { namespace, monitor, state }, value };
    }
  });
  live(registry, METRICS.monitorClustersSilent, function* () {
    for (const { namespace, monitor, silent } of board.all()) yield { labels: { namespace, monitor }, value: silent };
  });
  live(registry, METRICS.monitorSuspended, function* () {
    for (const { namespace, monitor, suspended } of board.all()) yield { labels: { namespace, monitor }, value: Number(suspended) };
  });
  const transitions = counter(registry, METRICS.transitions);
  for (const verdict of VERDICTS) transitions.inc({ status: verdict }, 0);
  board.onTransition((_plan, from, to) => {
    if (from !== undefined) transitions.inc({ status: to });
  });
}
