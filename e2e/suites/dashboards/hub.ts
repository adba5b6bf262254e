import { type ExpectedSeries, type ExpectedValue, single, table } from "../../kit/series.ts";
import { ALL, type StageFacts, type View } from "./view.ts";

const CONTROLLERS = ["clusterregistration", "httpmonitor-status", "multicluster-httpmonitor"];

/** More than nothing, and less than would be a fault. A second. */
const SOME = [1e-6, 100] as const;

function perController(value: ExpectedValue, labels: Readonly<Record<string, string>> = {}): ExpectedSeries[] {
  return CONTROLLERS.map((controller) => ({ labels: { controller, ...labels }, value }));
}

function perReason(...reasons: readonly string[]): ExpectedSeries[] {
  return reasons.map((reason) => ({ labels: { reason }, value: 0 }));
}

/** One hub that leads six monitors in three clusters with an agent, one of them suspended, 13 probes a second, and nothing is wrong with it but an orphaned ConfigMap. */
export function hubView({ instance, version, node }: StageFacts): View {
  const own = (value: ExpectedValue): ExpectedSeries[] => [{ labels: { instance }, value }];
  return {
    dashboard: "Hub internals",
    variables: { instance: ALL },
    panels: {
      "Active hubs": [single(1)],
      NATS: [own(1)],
      "Leaks now": [LEAKS],
      "Series per monitor and cluster": [single(0)],
      Leadership: [own(1)],
      Versions: [table(["version", "node"], [version, node, 1])],
      // One; an increase is reckoned beyond the first and the last scrape.
      "Found over the range": [single([0.9, 2]), single(0)],
      // A requeue is a conflict: two of the hub's own parts, or the test, write the same object.
      Reconciles: [[...perController(SOME, { result: "success" }), ...perController([0, 20], { result: "requeue" }), ...["error", "terminal"].flatMap((result) => perController(0, { result }))]],
      "Errors of reconciles": [perController(0)],
      "Duration of reconciles": [perController([0, 0.512]), perController([0, 0.512])],
      "Queue depth": [perController([0, 20])],
      "Objects in caches": [table(["controller", "resource_type"], ["clusterregistration", "clusterregistration", 4], ["multicluster-httpmonitor", "httpmonitor", 6], ["multicluster-httpmonitor", "namespace", 7])],
      "Failing lists and watches": [table(["resource_type"], ["clusterregistration", 0], ["httpmonitor", 0], ["namespace", 0])],
      "Results taken in": [single([6, 20]), single(13)],
      "Results not taken in": [perReason("foreign_cluster", "implausible", "old", "unknown_check", "wrong_partition"), single(0), perReason("unknown_key", "unsigned", "bad_signature")],
      "Lag of results": [single([0, 5])],
      // Five statuses, each refreshed about once in its interval of a second; none of them changes.
      "Status writes and their budget": [[...perReason("transition", "condition", "mend"), { labels: { reason: "refresh" }, value: [1, 6] }], table(["kind"], ["transition", 100], ["refresh", 50])],
      "Statuses waiting for the budget": [perReason("transition", "condition", "mend")],
      // 6 monitors through 50 a second.
      "Least time between refreshes": [single(0.12)],
      // Three agents, one every 10 s each.
      Heartbeats: [table(["outcome"], ["accepted", [0.1, 0.7]], ["outdated", 0], ["skewed", 0], ["refused", 0], ["invalid", 0], ["unknown_key", 0], ["unsigned", 0], ["bad_signature", 0])],
      "Delay of the event loop": [own([0, 1]), own([0, 2]), own([0, 5])],
      "Time in garbage collection": [["minor", "major", "incremental", "weakcb"].map((kind) => ({ labels: { instance, kind }, value: [0, 0.5] as const, optional: kind !== "minor" }))],
      // Bytes: as much as Node needs at least, and less than would be a leak.
      Memory: [own([60e6, 1e9]), own([20e6, 500e6]), own([20e6, 500e6]), own([1e6, 200e6])],
      CPU: [own([0.005, 2])],
      "Open files": [own([10, 500]), own([256, 1e9])],
    },
  };
}

/** Every kind of leak has its series from the start; one ConfigMap is one. */
const LEAKS = table(["resource", "kind"], ["secret", "orphaned", 0], ["configmap", "orphaned", 1], ["assignment", "orphaned", 0], ["finalizer", "stuck", 0]);
