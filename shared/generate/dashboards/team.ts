import { NoUnit, Seconds, Short } from "@grafana/grafana-foundation-sdk/units";
import { METRICS } from "../../src/telemetry/metrics/catalogue.ts";
import { aggregate, daysUntil, meanOverRange, once, select } from "./promql.ts";
import type { DashboardSpec, RowSpec } from "./spec.ts";
import { assignedTo, CERTIFICATE_STEPS, clustersOf, LATENCY_STEPS, notSilent, notSuspended, SHARE_OF_TIME, VERDICT_COLOURS, verdictCounts, VERDICTS, verdicts } from "./words.ts";

const TEAM = { namespace: "$namespace" };
const MONITOR = ["namespace", "monitor"];
/** Of each monitor, but those that are suspended now. */
const UNHEALTHY = notSuspended(meanOverRange(METRICS.monitorStatus, { ...TEAM, status: "Unhealthy" }), TEAM);
/** Of each pair of monitor and cluster. */
const PASSING = meanOverRange(METRICS.probeSuccess, TEAM);
const CERTIFICATES = daysUntil(aggregate("min", MONITOR, select(METRICS.probeCertificateExpiry, TEAM)));

const NOW: RowSpec = {
  title: "Now",
  panels: [
    { title: "Monitors by verdict", description: "The namespace's HTTPMonitors by the verdict that they show now. Suspended ones count as that alone.", view: "stat", width: 12, height: 5, colours: VERDICT_COLOURS, queries: verdictCounts(TEAM) },
    {
      title: "Availability",
      description: "Mean over the namespace's monitors of the share of the time range in which their verdict was another than Unhealthy. Monitors that are suspended now are left out.",
      view: "stat",
      width: 6,
      height: 5,
      ...SHARE_OF_TIME,
      queries: [{ expr: `1 - ${aggregate("avg", [], UNHEALTHY)}`, legend: "" }],
    },
    {
      title: "Passing over the range",
      description: "Share of the time range in which the last probe had passed: the mean over all pairs of monitor and cluster. It sees what a verdict forgives: one cluster of three.",
      view: "stat",
      width: 6,
      height: 5,
      ...SHARE_OF_TIME,
      queries: [{ expr: aggregate("avg", [], PASSING), legend: "" }],
    },
    {
      title: "Not healthy now",
      description: "Monitors with a verdict other than Healthy, the worst first. Suspended ones are left out.",
      view: "table",
      opensMonitor: true,
      empty: "All monitors are healthy",
      queries: [{ expr: `${verdicts(TEAM)} > 0`, legend: "verdict", column: { words: VERDICTS } }],
    },
    {
      title: "Failing by cluster",
      description: "The namespace's monitors whose last probe failed, by the cluster that probed. Silent clusters are left out: they have no current result.",
      view: "bars",
      unit: Short,
      steps: [
        { from: null, colour: "green" },
        { from: 1, colour: "orange" },
      ],
      queries: [{ expr: aggregate("sum", ["region", "cluster"], notSilent(`1 - ${once(METRICS.probeSuccess, TEAM)}`)), legend: "{{region}} / {{cluster}}" }],
    },
  ],
};

const ALL: RowSpec = {
  title: "All monitors",
  panels: [
    {
      title: "Monitors",
      description: "Every monitor of the namespace; the worst verdict first, suspended ones last, whose counts of clusters are frozen. Availability is the share of the time range without the verdict Unhealthy.",
      view: "table",
      width: 24,
      height: 10,
      opensMonitor: true,
      queries: [
        { expr: verdicts(TEAM), legend: "verdict", column: { words: VERDICTS } },
        { expr: clustersOf(TEAM, "passed"), legend: "clusters passing", column: { unit: Short } },
        { expr: assignedTo(TEAM), legend: "clusters", column: { unit: Short } },
        { expr: `1 - ${aggregate("avg", MONITOR, UNHEALTHY)}`, legend: "availability", column: SHARE_OF_TIME },
        { expr: aggregate("max", MONITOR, select(METRICS.probeDuration, TEAM)), legend: "slowest probe", column: { unit: Seconds, steps: LATENCY_STEPS } },
        { expr: CERTIFICATES, legend: "certificate, days", column: { decimals: 0, steps: CERTIFICATE_STEPS } },
      ],
    },
    { title: "Verdicts over time", description: "One row per monitor.", view: "states", width: 24, height: 10, words: VERDICTS, opensMonitor: true, queries: [{ expr: verdicts(TEAM), legend: "{{monitor}}" }] },
  ],
};

const EXTREMES: RowSpec = {
  title: "Extremes",
  panels: [
    { title: "Slowest", description: "The ten monitors with the longest last probe, in the cluster where it took longest.", view: "bars", width: 8, unit: Seconds, steps: LATENCY_STEPS, opensMonitor: true, queries: [{ expr: `topk(10, ${aggregate("max", MONITOR, select(METRICS.probeDuration, TEAM))})`, legend: "{{monitor}}" }] },
    { title: "Passing least over the range", description: "The ten monitors with the least share of time in which their last probe had passed, over all clusters.", view: "bars", width: 8, ...SHARE_OF_TIME, opensMonitor: true, queries: [{ expr: `bottomk(10, ${aggregate("avg", MONITOR, PASSING)})`, legend: "{{monitor}}" }] },
    { title: "Certificates that end first", description: "Days until the first certificate of the chain ends, of the ten monitors where that is soonest.", view: "bars", width: 8, unit: NoUnit, decimals: 0, steps: CERTIFICATE_STEPS, opensMonitor: true, empty: "no TLS", queries: [{ expr: `bottomk(10, ${CERTIFICATES})`, legend: "{{monitor}}" }] },
  ],
};

/** One namespace: what its team looks at. */
export const TEAM_DASHBOARD: DashboardSpec = {
  uid: "sightline-team",
  title: "Team",
  description: "The monitors of one namespace: what fails now, how available they were, what is slow, which certificates end.",
  from: "now-24h",
  variables: [{ name: "namespace", label: "Namespace", query: `label_values(${METRICS.monitorStatus.name}, namespace)` }],
  rows: [NOW, ALL, EXTREMES],
};
