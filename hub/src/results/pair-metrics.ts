import { liveFigure, METRICS, pairSeries, type ShownPair } from "@sightline/shared/metrics";
import type { Logger } from "@sightline/shared/telemetry";
import type { Registry } from "prom-client";
import type { PlanRegistry } from "../monitors/registry.ts";
import type { StatusBoard } from "./status-board.ts";
import type { ResultStore } from "./store.ts";

export interface PairMetricsOptions {
  plans: Pick<PlanRegistry, "all">;
  results: Pick<ResultStore, "pairs">;
  board: Pick<StatusBoard, "isCurrent">;
  regionOf: (cluster: string) => string;
  /** With more assigned pairs than this their series are left out. */
  limit: number;
  logger: Logger;
}

/** The last probe of each monitor from each of its clusters, where its result is current: an old one would pass for the present. */
export function registerPairMetrics(registry: Registry, options: PairMetricsOptions): void {
  const { plans, limit, logger } = options;
  let told = false;
  const limited = (): boolean => {
    const pairs = countPairs(plans);
    if (pairs > limit && limit > 0 && !told) {
      told = true;
      logger.warn("More pairs of monitor and cluster than the limit: their series are left out", { pairs, limit });
    }
    return pairs > limit;
  };
  liveFigure(registry, METRICS.pairSeriesLimited, () => Number(limited()));
  pairSeries(registry, () => (countPairs(plans) > limit ? [] : shownPairs(options)));
}

function countPairs(plans: PairMetricsOptions["plans"]): number {
  let pairs = 0;
  for (const { clusters } of plans.all()) pairs += clusters.size;
  return pairs;
}

/** The plans are those of this moment: a reader may take its time. */
function* shownPairs({ plans, results, board, regionOf }: PairMetricsOptions): Iterable<ShownPair> {
  const now = [...plans.all()];
  for (const { uid, namespace, name, clusters } of now) {
    const known = results.pairs(uid);
    for (const cluster of clusters.keys()) {
      const outcome = known.get(cluster);
      if (outcome !== undefined && board.isCurrent(uid, cluster)) yield { labels: { namespace, monitor: name, cluster, region: regionOf(cluster) }, outcome };
    }
  }
}
