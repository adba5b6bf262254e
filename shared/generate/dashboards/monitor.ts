import { NoUnit, Seconds, Short } from "@grafana/grafana-foundation-sdk/units";
import { METRICS } from "../../src/telemetry/metrics/catalogue.ts";
import type { MetricSpec, MetricType } from "../../src/telemetry/metrics/spec.ts";
import { MONITOR_UID } from "./links.ts";
import { aggregate, chosen, daysUntil, meanOverRange, once, select } from "./promql.ts";
import type { DashboardSpec, RowSpec, Word } from "./spec.ts";
import { assignedTo, AVAILABLE, CERTIFICATE_STEPS, clustersOf, LATENCY_STEPS, notSilent, PASSES, SHARE_OF_TIME, silent, STATE_COLOURS, VERDICTS, verdicts } from "./words.ts";

type PairMetric = MetricSpec<MetricType, "namespace" | "monitor" | "cluster" | "region">;

const MONITOR = { namespace: "$namespace", monitor: "$monitor" };
const CLUSTERS = { region: chosen("region"), cluster: chosen("cluster") };
const PAIRS = { ...MONITOR, ...CLUSTERS };
const PLACE = ["region", "cluster"];
const PLACE_LEGEND = "{{region}} / {{cluster}}";

/** How long each part of a probe takes, under the names that blackbox_exporter gave them. */
const PHASES = once(METRICS.probePhases, PAIRS);

/** Of each cluster. */
const PASSING = meanOverRange(METRICS.probeSuccess, PAIRS);

/** As PASSES has it, each silent cluster that the monitor had a result of in the time range. */
const UNHEARD = `-(${aggregate("group", PLACE, `last_over_time(${select(METRICS.probeSuccess, PAIRS)}[$__range])`)} and on (cluster) ${silent(CLUSTERS)})`;

/** Silent clusters with monitors, if this one lacks a result because of some: which of them it is assigned to, no metric says. */
const MISSED = `(${silent(CLUSTERS)} and on (cluster) (${select(METRICS.clusterAssignedMonitors, CLUSTERS)} > 0) and on () (${aggregate("sum", [], select(METRICS.monitorClustersSilent, MONITOR))} > 0))`;

const NO_RESPONSE: readonly Word[] = [{ value: 0, text: "no response", colour: "red" }];

const STATUS_STEPS = [
  { from: null, colour: "green" },
  { from: 400, colour: "orange" },
  { from: 500, colour: "red" },
] as const;

const VERDICT: RowSpec = {
  title: "Verdict",
  panels: [
    { title: "Verdict", description: "What `.status.status` of the HTTPMonitor says; that of a suspended one is frozen, so it shows as suspended.", view: "stat", width: 5, height: 5, words: VERDICTS, queries: [{ expr: verdicts(MONITOR), legend: "" }] },
    {
      title: "Clusters",
      description: "Clusters where the monitor passes, and all that it is assigned to: what the HEALTHY column of kubectl shows as 2/3. Without a result: stale ones, those whose agent is silent among them.",
      view: "stat",
      width: 5,
      height: 5,
      queries: [
        { expr: clustersOf(MONITOR, "passed"), legend: "passing" },
        { expr: assignedTo(MONITOR), legend: "assigned" },
        { expr: clustersOf(MONITOR, "stale"), legend: "without a result" },
      ],
    },
    {
      title: "Time not Unhealthy",
      description: "Share of the time range in which the verdict was another than Unhealthy. Time in which no hub was scraped does not count.",
      view: "stat",
      width: 5,
      height: 5,
      ...SHARE_OF_TIME,
      queries: [{ expr: `1 - ${aggregate("avg", [], meanOverRange(METRICS.monitorStatus, { ...MONITOR, status: "Unhealthy" }))}`, legend: "" }],
    },
    {
      title: "Passing over the range",
      description: "Share of the time range in which the last probe had passed: the mean over the chosen clusters.",
      view: "stat",
      width: 5,
      height: 5,
      ...SHARE_OF_TIME,
      queries: [{ expr: aggregate("avg", [], PASSING), legend: "" }],
    },
    {
      title: "Certificate ends in",
      description: "Days until the first certificate of the chain ends, in the cluster that sees the earliest one.",
      view: "stat",
      width: 4,
      height: 5,
      unit: "suffix:days",
      decimals: 0,
      steps: CERTIFICATE_STEPS,
      empty: "no TLS",
      queries: [{ expr: daysUntil(aggregate("min", [], select(METRICS.probeCertificateExpiry, PAIRS))), legend: "" }],
    },
    { title: "Verdict over time", description: "Its verdicts in the time range.", view: "states", height: 4, width: 24, words: VERDICTS, queries: [{ expr: verdicts(MONITOR), legend: "verdict" }] },
    {
      title: "Clusters by state",
      description: "passed, failed: the last result, after damping. stale: no current result. pending: the first one is awaited.",
      view: "stack",
      width: 24,
      height: 6,
      unit: Short,
      colours: STATE_COLOURS,
      queries: [{ expr: once(METRICS.monitorClusters, MONITOR), legend: "{{state}}" }],
    },
  ],
};

const CLUSTER_ROW: RowSpec = {
  title: "Clusters",
  panels: [
    { title: "Success by cluster", description: "Whether the last probe passed, as it was, without damping. A gap: the hub had no current result of that cluster.", view: "states", words: PASSES, queries: [{ expr: current(METRICS.probeSuccess), legend: PLACE_LEGEND }] },
    { title: "Duration by cluster", description: "How long the last probe took, from the start of DNS to the last body byte, all redirects included.", view: "lines", unit: Seconds, queries: [{ expr: once(METRICS.probeDuration, PAIRS), legend: PLACE_LEGEND }] },
    { title: "Status codes", description: "Status of the last response. A gap: the hub had no current result of that cluster.", view: "states", words: NO_RESPONSE, steps: STATUS_STEPS, unit: NoUnit, queries: [{ expr: current(METRICS.probeStatusCode), legend: PLACE_LEGEND }] },
    {
      title: "Now, by cluster",
      description: "The last probe of each cluster. A silent cluster that had a result in the time range has none now.",
      view: "table",
      queries: [
        { expr: `${now(METRICS.probeSuccess)} or ${UNHEARD}`, legend: "last probe", column: { words: PASSES } },
        { expr: now(METRICS.probeStatusCode), legend: "status code", column: { words: NO_RESPONSE, steps: STATUS_STEPS } },
        { expr: now(METRICS.probeDuration), legend: "duration", column: { unit: Seconds, steps: LATENCY_STEPS } },
        { expr: aggregate("avg", PLACE, PASSING), legend: "passing over the range", column: SHARE_OF_TIME },
        { expr: daysUntil(aggregate("min", PLACE, select(METRICS.probeCertificateExpiry, PAIRS))), legend: "certificate, days", column: { decimals: 0, steps: CERTIFICATE_STEPS } },
      ],
    },
    {
      title: "Silent clusters",
      description: "Clusters that are silent now, while this monitor lacks results for that reason. It need not be assigned to each of them.",
      view: "table",
      width: 24,
      height: 5,
      empty: "No result is missing because of a silent cluster",
      queries: [
        { expr: MISSED, legend: "state", column: { words: AVAILABLE } },
        { expr: `time() - ${once(METRICS.clusterLastHeartbeat, CLUSTERS)} and on (cluster) ${MISSED}`, legend: "last heartbeat before", column: { unit: Seconds, decimals: 0 } },
      ],
    },
  ],
};

/** Of each cluster now, the silent ones left out. */
function now(metric: PairMetric): string {
  return notSilent(aggregate("max", PLACE, select(metric, PAIRS)), CLUSTERS);
}

/** The same with the monitor's name. */
function current(metric: PairMetric): string {
  return notSilent(once(metric, PAIRS), CLUSTERS);
}

const PHASE_ROW: RowSpec = {
  title: "Phases",
  panels: [
    {
      title: "Phases, mean of the clusters",
      description: "resolve: DNS. connect: TCP. tls: handshake. processing: until the first byte of the response. transfer: the rest. Over all redirects of the last probe.",
      view: "stack",
      width: 24,
      unit: Seconds,
      queries: [{ expr: aggregate("avg", ["phase"], PHASES), legend: "{{phase}}" }],
    },
    { title: "Phases in $cluster", description: "The same for each chosen cluster.", view: "stack", width: 8, unit: Seconds, repeat: "cluster", queries: [{ expr: aggregate("max", ["phase"], select(METRICS.probePhases, PAIRS)), legend: "{{phase}}" }] },
  ],
};

/** One monitor over all its clusters. */
export const MONITOR_DASHBOARD: DashboardSpec = {
  uid: MONITOR_UID,
  title: "Monitor",
  description: "One HTTPMonitor over all its clusters: since when it fails, where, and in which phase of the probe.",
  from: "now-3h",
  variables: [
    { name: "namespace", label: "Namespace", query: `label_values(${METRICS.monitorStatus.name}, namespace)` },
    { name: "monitor", label: "Monitor", query: `label_values(${select(METRICS.monitorStatus, { namespace: "$namespace" })}, monitor)` },
    { name: "region", label: "Region", query: `label_values(${select(METRICS.probeSuccess, MONITOR)}, region)`, several: true },
    { name: "cluster", label: "Cluster", query: `label_values(${select(METRICS.probeSuccess, { ...MONITOR, region: chosen("region") })}, cluster)`, several: true },
  ],
  rows: [VERDICT, CLUSTER_ROW, PHASE_ROW],
};
