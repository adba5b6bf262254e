import { NoUnit, PercentUnit, Seconds, Short } from "@grafana/grafana-foundation-sdk/units";
import { METRICS } from "../../src/telemetry/metrics/catalogue.ts";
import { MONITOR_UID } from "./links.ts";
import { aggregate, chosen, daysUntil, meanOverRange, once, select } from "./promql.ts";
import type { DashboardSpec, RowSpec, Word } from "./spec.ts";
import { assignedTo, CERTIFICATE_STEPS, clustersOf, LATENCY_STEPS, PASSES, SHARE_STEPS, STATE_COLOURS, VERDICTS, verdicts } from "./words.ts";

const MONITOR = { namespace: "$namespace", monitor: "$monitor" };
const PAIRS = { ...MONITOR, region: chosen("region"), cluster: chosen("cluster") };
const PLACE = ["region", "cluster"];
const PLACE_LEGEND = "{{region}} / {{cluster}}";

/** How long each part of a probe takes, under the names that blackbox_exporter gave them. */
const PHASES = once(METRICS.probePhases, PAIRS);

const NO_RESPONSE: readonly Word[] = [{ value: 0, text: "no response", colour: "red" }];

const STATUS_STEPS = [
  { from: null, colour: "green" },
  { from: 400, colour: "orange" },
  { from: 500, colour: "red" },
] as const;

const VERDICT: RowSpec = {
  title: "Verdict",
  panels: [
    { title: "Verdict", description: "What `.status.status` of the HTTPMonitor says.", view: "stat", width: 5, height: 5, words: VERDICTS, queries: [{ expr: verdicts(MONITOR), legend: "" }] },
    {
      title: "Clusters",
      description: "Clusters where the monitor passes, and all that it is assigned to: what the HEALTHY column of kubectl shows as 2/3.",
      view: "stat",
      width: 5,
      height: 5,
      queries: [
        { expr: clustersOf(MONITOR, "passed"), legend: "passing" },
        { expr: assignedTo(MONITOR), legend: "assigned" },
      ],
    },
    {
      title: "Time not Unhealthy",
      description: "Share of the time range in which the verdict was another than Unhealthy. Time in which no hub was scraped does not count.",
      view: "stat",
      width: 5,
      height: 5,
      unit: PercentUnit,
      decimals: 2,
      steps: SHARE_STEPS,
      queries: [{ expr: `1 - ${meanOverRange(select(METRICS.monitorStatus, { ...MONITOR, status: "Unhealthy" }))}`, legend: "" }],
    },
    {
      title: "Passing over the range",
      description: "Share of the time range in which the last probe had passed, over all chosen clusters.",
      view: "stat",
      width: 5,
      height: 5,
      unit: PercentUnit,
      decimals: 2,
      steps: SHARE_STEPS,
      queries: [{ expr: meanOverRange(select(METRICS.probeSuccess, PAIRS)), legend: "" }],
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
    { title: "Success by cluster", description: "Whether the last probe passed, as it was, without damping.", view: "states", words: PASSES, queries: [{ expr: once(METRICS.probeSuccess, PAIRS), legend: PLACE_LEGEND }] },
    { title: "Duration by cluster", description: "How long the last probe took, from the start of DNS to the last body byte, all redirects included.", view: "lines", unit: Seconds, queries: [{ expr: once(METRICS.probeDuration, PAIRS), legend: PLACE_LEGEND }] },
    { title: "Status codes", description: "Status of the last response.", view: "states", words: NO_RESPONSE, steps: STATUS_STEPS, unit: NoUnit, queries: [{ expr: once(METRICS.probeStatusCode, PAIRS), legend: PLACE_LEGEND }] },
    {
      title: "Now, by cluster",
      description: "The last probe of each cluster.",
      view: "table",
      queries: [
        { expr: aggregate("max", PLACE, select(METRICS.probeSuccess, PAIRS)), legend: "last probe", column: { words: PASSES } },
        { expr: aggregate("max", PLACE, select(METRICS.probeStatusCode, PAIRS)), legend: "status code", column: { words: NO_RESPONSE, steps: STATUS_STEPS } },
        { expr: aggregate("max", PLACE, select(METRICS.probeDuration, PAIRS)), legend: "duration", column: { unit: Seconds, steps: LATENCY_STEPS } },
        { expr: meanOverRange(select(METRICS.probeSuccess, PAIRS), PLACE), legend: "passing over the range", column: { unit: PercentUnit, decimals: 2, steps: SHARE_STEPS } },
        { expr: daysUntil(aggregate("min", PLACE, select(METRICS.probeCertificateExpiry, PAIRS))), legend: "certificate, days", column: { decimals: 0, steps: CERTIFICATE_STEPS } },
      ],
    },
  ],
};

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
