import { EventsPerSecond, NoUnit, PercentUnit, Seconds, Short } from "@grafana/grafana-foundation-sdk/units";
import { METRICS } from "../../src/telemetry/metrics/catalogue.ts";
import { aggregate, ANY, chosen, once, oneOf, rate, select } from "./promql.ts";
import type { DashboardSpec, PanelSpec, RowSpec } from "./spec.ts";
import { AVAILABLE, LATENCY_STEPS, NONE_IS_GOOD, notSilent, notSuspended, VERDICT_COLOURS, verdictCounts } from "./words.ts";

const CLUSTERS = { region: chosen("region"), cluster: chosen("cluster") };
const MONITORS = { namespace: chosen("namespace") };
const PAIRS = { ...MONITORS, ...CLUSTERS };
const PLACE = ["region", "cluster"];
const PLACE_LEGEND = "{{region}} / {{cluster}}";

const SUCCESS = once(METRICS.probeSuccess, PAIRS);
const DURATION = once(METRICS.probeDuration, PAIRS);

const NOW: RowSpec = {
  title: "Now",
  panels: [
    {
      title: "Clusters",
      description: "Registered clusters, and how many of them report. A cluster is silent when its agent has missed its heartbeats for interval + grace.",
      view: "stat",
      width: 6,
      height: 5,
      queries: [
        { expr: aggregate("sum", [], once(METRICS.clusterAvailable, CLUSTERS)), legend: "available" },
        { expr: aggregate("count", [], once(METRICS.clusterAvailable, CLUSTERS)), legend: "registered" },
      ],
    },
    {
      title: "Monitors by verdict",
      description: "HTTPMonitors by the verdict that they show now; suspended ones count as that alone. Not narrowed by region and cluster: a verdict is one for all clusters.",
      view: "stat",
      width: 9,
      height: 5,
      colours: VERDICT_COLOURS,
      queries: verdictCounts(MONITORS),
    },
    {
      title: "Passing now",
      description: "Of all pairs of a monitor and a cluster that it is assigned to, the share that passes. Stale and pending ones do not pass; those of suspended monitors are left out.",
      view: "stat",
      width: 5,
      height: 5,
      unit: PercentUnit,
      decimals: 1,
      steps: [
        { from: null, colour: "red" },
        { from: 0.9, colour: "orange" },
        { from: 0.99, colour: "green" },
      ],
      queries: [{ expr: `${aggregate("sum", [], pairsIn("passed"))} / ${aggregate("sum", [], pairsIn())}`, legend: "" }],
    },
    {
      title: "Probes per second",
      description: "Probes that the agents' assignments ask for, by their last heartbeats.",
      view: "stat",
      width: 4,
      height: 5,
      decimals: 1,
      queries: [{ expr: aggregate("sum", [], once(METRICS.clusterProbesPerSecond, CLUSTERS)), legend: "" }],
    },
  ],
};

const CLUSTER_ROW: RowSpec = {
  title: "Clusters",
  panels: [
    {
      title: "Availability of clusters",
      description: "When each cluster's agent reported, and when it was silent. Probing goes on in a silent cluster; its results are missing here.",
      view: "states",
      words: AVAILABLE,
      queries: [{ expr: once(METRICS.clusterAvailable, CLUSTERS), legend: PLACE_LEGEND }],
    },
    {
      title: "Failing monitors by cluster",
      description: "Monitors whose last probe failed, by the cluster that probed. One cluster that fails much while the others pass has a problem of its own. Silent clusters are left out: they have no current result.",
      view: "lines",
      unit: Short,
      queries: [{ expr: aggregate("sum", PLACE, notSilent(`1 - ${SUCCESS}`, CLUSTERS)), legend: PLACE_LEGEND }],
    },
    clusterTable(),
    overClusters("Probes by cluster", "Probes per second that each agent's assignments ask for.", { unit: EventsPerSecond, expr: once(METRICS.clusterProbesPerSecond, CLUSTERS) }),
    overClusters("Results waiting in outboxes", "Results that the agents have on disk and NATS has not taken yet. It grows while NATS cannot be reached.", { unit: Short, expr: once(METRICS.clusterOutboxQueued, CLUSTERS) }),
    overClusters("Results lost", "Results per second that agents gave up since their outbox was full. These gaps stay.", { unit: EventsPerSecond, expr: aggregate("max", PLACE, rate(select(METRICS.clusterOutboxLost, CLUSTERS))) }),
    overClusters("Checks not probed", "Checks that an agent does not probe: it is overloaded, or cannot read them. Their monitors show this cluster as stale.", { unit: Short, expr: once(METRICS.clusterChecksNotProbed, CLUSTERS) }),
    overClusters("Clock offset", "How far each agent's clock is ahead of the hub's. It changes no verdict; over 2 s ClockSynced is False.", { unit: Seconds, expr: once(METRICS.clusterClockOffset, CLUSTERS) }),
    {
      title: "Agent versions",
      description: "Clusters by the version of their agent, by its last heartbeat. One that never reported is left out.",
      view: "bars",
      width: 8,
      unit: NoUnit,
      queries: [{ expr: aggregate("count", ["agent_version"], once(METRICS.clusterInfo, { ...CLUSTERS, agent_version: ANY })), legend: "{{agent_version}}" }],
    },
  ],
};

const MONITOR_ROW: RowSpec = {
  title: "Monitors",
  panels: [
    {
      title: "Verdicts over time",
      description: "Monitors by verdict; suspended ones apart.",
      view: "stack",
      colours: VERDICT_COLOURS,
      unit: Short,
      queries: verdictCounts(MONITORS),
    },
    {
      title: "Changes of verdicts",
      description: "Verdicts reached per second, by verdict, of all namespaces. The first verdict of a new monitor does not count.",
      view: "lines",
      unit: EventsPerSecond,
      colours: VERDICT_COLOURS,
      queries: [{ expr: aggregate("sum", ["status"], rate(select(METRICS.transitions))), legend: "{{status}}" }],
    },
    {
      title: "Worst monitors",
      description: "The ten monitors with the greatest share of their clusters failing or stale; those with none, and suspended ones, are left out.",
      view: "table",
      opensMonitor: true,
      empty: "No monitor fails anywhere",
      queries: [
        {
          expr: `topk(10, ${aggregate("sum", ["namespace", "monitor"], pairsIn("failed", "stale"))} / ${aggregate("sum", ["namespace", "monitor"], pairsIn())} > 0)`,
          legend: "clusters failing or stale",
          column: { unit: PercentUnit, decimals: 0, steps: [{ from: null, colour: "orange" }, { from: 1, colour: "red" }] },
        },
      ],
    },
    {
      title: "Slowest monitors",
      description: "The ten monitors with the longest last probe, in the cluster where it took longest.",
      view: "bars",
      unit: Seconds,
      steps: LATENCY_STEPS,
      opensMonitor: true,
      queries: [{ expr: `topk(10, ${aggregate("max", ["namespace", "monitor"], DURATION)})`, legend: "{{namespace}} / {{monitor}}" }],
    },
    {
      title: "Probe duration",
      description: "Percentiles over all monitors and clusters of how long the last probe took, failed ones included.",
      view: "lines",
      unit: Seconds,
      queries: [0.5, 0.9, 0.99].map((q) => ({ expr: `quantile(${q}, ${DURATION})`, legend: `p${q * 100}` })),
    },
    {
      title: "Probe duration by cluster",
      description: "90th percentile over the monitors of a cluster. A row that is warmer than the others is a slow network there, not a slow target.",
      view: "heat",
      unit: Seconds,
      steps: LATENCY_STEPS,
      queries: [{ expr: `quantile by (${PLACE.join(", ")}) (0.9, ${DURATION})`, legend: PLACE_LEGEND }],
    },
  ],
};

/** Counts of each monitor's clusters in these states, in all of them when none is named, but of suspended monitors. */
function pairsIn(...states: readonly string[]): string {
  return notSuspended(once(METRICS.monitorClusters, { ...MONITORS, ...(states.length > 0 && { state: oneOf(...states) }) }), MONITORS);
}

function overClusters(title: string, description: string, { unit, expr }: { unit: string; expr: string }): PanelSpec {
  return { title, description, view: "lines", width: 8, unit, queries: [{ expr, legend: PLACE_LEGEND }] };
}

function clusterTable(): PanelSpec {
  return {
    title: "All clusters",
    description: "What the hub knows of each cluster, by its last heartbeat.",
    view: "table",
    width: 24,
    queries: [
      { expr: once(METRICS.clusterAvailable, CLUSTERS), legend: "state", column: { words: AVAILABLE } },
      { expr: once(METRICS.clusterInfo, CLUSTERS), legend: "registered", column: { unit: NoUnit } },
      { expr: `time() - ${once(METRICS.clusterLastHeartbeat, CLUSTERS)}`, legend: "last heartbeat before", column: { unit: Seconds, decimals: 0 } },
      { expr: once(METRICS.clusterAssignedMonitors, CLUSTERS), legend: "monitors", column: { unit: Short } },
      { expr: once(METRICS.clusterProbesPerSecond, CLUSTERS), legend: "probes a second", column: { decimals: 1 } },
      { expr: once(METRICS.clusterOutboxQueued, CLUSTERS), legend: "waiting results", column: { unit: Short } },
      { expr: once(METRICS.clusterOutboxLost, CLUSTERS), legend: "lost results", column: { unit: Short, steps: NONE_IS_GOOD } },
      { expr: once(METRICS.clusterChecksNotProbed, CLUSTERS), legend: "checks not probed", column: { unit: Short, steps: NONE_IS_GOOD } },
      { expr: once(METRICS.clusterClockOffset, CLUSTERS), legend: "clock offset", column: { unit: Seconds, decimals: 3 } },
    ],
  };
}

/** All clusters and all monitors: what is wrong, and where. */
export const FLEET: DashboardSpec = {
  uid: "sightline-fleet",
  title: "Fleet",
  description: "Clusters and monitors of the whole fleet: what is wrong, and where. From here a monitor is one click away.",
  from: "now-1h",
  variables: [
    { name: "region", label: "Region", query: `label_values(${METRICS.clusterAvailable.name}, region)`, several: true },
    { name: "cluster", label: "Cluster", query: `label_values(${select(METRICS.clusterAvailable, { region: chosen("region") })}, cluster)`, several: true },
    { name: "namespace", label: "Namespace", query: `label_values(${METRICS.monitorStatus.name}, namespace)`, several: true },
  ],
  rows: [NOW, CLUSTER_ROW, MONITOR_ROW],
};
