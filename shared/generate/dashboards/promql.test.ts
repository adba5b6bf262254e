import { describe, expect, it } from "vitest";
import { METRICS } from "../../src/telemetry/metrics/catalogue.ts";
import { aggregate, chosen, daysUntil, meanOverRange, once, oneOf, rate, select } from "./promql.ts";
import { verdicts } from "./words.ts";

describe("a query", () => {
  it.each([
    ["all series of a metric", select(METRICS.natsConnected), "sightline_nats_connected"],
    ["series by an exact label", select(METRICS.monitorStatus, { namespace: "shop" }), 'httpmonitor_status{namespace="shop"}'],
    ["series by a variable that may be several", select(METRICS.clusterAvailable, { region: chosen("region") }), 'sightline_cluster_available{region=~"$region"}'],
    ["series by one of some values", select(METRICS.monitorClusters, { state: oneOf("failed", "stale") }), 'httpmonitor_clusters{state=~"failed|stale"}'],
    ["a histogram's buckets", select(METRICS.reconcileDuration, { job: "sightline-hub" }, "_bucket"), 'controller_reconcile_duration_seconds_bucket{job="sightline-hub"}'],
    ["each object once, by all its labels", once(METRICS.probeSuccess), "max by (namespace, monitor, cluster, region) (probe_success)"],
    ["a figure without labels once", once(METRICS.natsConnected), "max(sightline_nats_connected)"],
    ["a sum by labels", aggregate("sum", ["a", "b"], "x"), "sum by (a, b) (x)"],
    ["a rate", rate("x_total"), "rate(x_total[$__rate_interval])"],
    ["each object's mean over time once", meanOverRange(METRICS.statusWrites, { reason: "mend" }), 'sum by (reason) (sum_over_time(sightline_status_writes_total{reason="mend"}[$__range])) / sum by (reason) (count_over_time(sightline_status_writes_total{reason="mend"}[$__range]))'],
    ["days until a time", daysUntil("min(x)"), "(min(x) - time()) / 86400"],
  ])("asks for %s", (_what, query, expected) => {
    expect(query).toBe(expected);
  });

  it("shows verdicts as numbers, the worst highest, the best as none, and what is suspended as less than that", () => {
    const [suspended, ...terms] = verdicts({ monitor: "a" }).slice(1, -1).split(/ or | \+ /);
    expect(suspended).toBe('-max by (namespace, monitor) (httpmonitor_suspended{monitor="a"}) < 0');
    expect(terms).toEqual([
      '3 * max by (namespace, monitor) (httpmonitor_status{monitor="a",status="Unhealthy"})',
      '2 * max by (namespace, monitor) (httpmonitor_status{monitor="a",status="Degraded"})',
      'max by (namespace, monitor) (httpmonitor_status{monitor="a",status="Unknown"})',
    ]);
  });
});
