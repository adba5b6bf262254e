import { BytesIEC, EventsPerSecond, NoUnit, OpsPerSecond, PercentUnit, Seconds, Short, WritesPerSecond } from "@grafana/grafana-foundation-sdk/units";
import { METRICS } from "../../src/telemetry/metrics/catalogue.ts";
import { NODE_METRICS } from "../../src/telemetry/metrics/node-metrics.ts";
import type { MetricSpec } from "../../src/telemetry/metrics/spec.ts";
import { aggregate, chosen, once, rate, select } from "./promql.ts";
import type { DashboardSpec, PanelSpec, Query, RowSpec, Word } from "./spec.ts";
import { NONE_IS_GOOD } from "./words.ts";

/** Runtime metrics have the same names on agents: only the job tells them apart. */
const HUB = { job: "sightline-hub", instance: chosen("instance") };
const EACH = ["instance"];

const LEADS: readonly Word[] = [
  { value: 0, text: "standby", colour: "blue" },
  { value: 1, text: "active", colour: "green" },
];

const CONNECTED: readonly Word[] = [
  { value: 0, text: "not connected", colour: "red" },
  { value: 1, text: "connected", colour: "green" },
];

const LIMITED: readonly Word[] = [
  { value: 0, text: "served", colour: "green" },
  { value: 1, text: "left out", colour: "orange" },
];

const STATE: RowSpec = {
  title: "State",
  panels: [
    {
      title: "Active hubs",
      description: "Replicas that lead. It is one, but for the seconds of a change-over.",
      view: "stat",
      width: 4,
      height: 5,
      steps: [
        { from: null, colour: "red" },
        { from: 1, colour: "green" },
        { from: 2, colour: "red" },
      ],
      queries: [{ expr: aggregate("sum", [], aggregate("max", EACH, select(METRICS.leaderElectionStatus, HUB))), legend: "" }],
    },
    { title: "NATS", description: "Whether each replica is connected to NATS. Without it nothing is assigned and no result comes in; agents go on.", view: "stat", width: 5, height: 5, words: CONNECTED, queries: [{ expr: aggregate("min", EACH, select(METRICS.natsConnected, HUB)), legend: "{{instance}}" }] },
    { title: "Leaks now", description: "Objects that nobody owns any more, or that cannot go. The leak detector names each in an Event.", view: "stat", width: 9, height: 5, steps: NONE_IS_GOOD, queries: [{ expr: once(METRICS.leaks, HUB), legend: "{{kind}} {{resource}}" }] },
    { title: "Series per monitor and cluster", description: "Above its limit of pairs the hub leaves the probe_ series out: only agents serve them then.", view: "stat", width: 6, height: 5, words: LIMITED, queries: [{ expr: once(METRICS.pairSeriesLimited, HUB), legend: "" }] },
    { title: "Leadership", description: "Which replica was active.", view: "states", height: 6, words: LEADS, queries: [{ expr: aggregate("max", EACH, select(METRICS.leaderElectionStatus, HUB)), legend: "{{instance}}" }] },
    { title: "Versions", description: "Replicas by their version and that of Node.", view: "bars", width: 6, height: 6, unit: NoUnit, queries: [{ expr: aggregate("count", ["version", "node"], select(METRICS.buildInfo, HUB)), legend: "{{version}}, Node {{node}}" }] },
    { title: "Found over the range", description: "Leaks found, each once; and streams of NATS that were gone and have been made again.", view: "stat", width: 6, height: 6, decimals: 0, steps: NONE_IS_GOOD, queries: [
      { expr: aggregate("sum", [], increase(select(METRICS.leaksFound, HUB))), legend: "leaks" },
      { expr: aggregate("sum", [], increase(select(METRICS.streamsRecreated, HUB))), legend: "streams made again" },
    ] },
  ],
};

const CONTROLLERS: RowSpec = {
  title: "Controllers",
  panels: [
    perSecond("Reconciles", "By controller and how they ended. A target that fails is no error of a reconcile.", aggregate("sum", ["controller", "result"], rate(select(METRICS.reconciles, HUB))), "{{controller}} {{result}}"),
    perSecond("Errors of reconciles", "By controller and code; the codes stand in the reference of errors.", orNone(aggregate("sum", ["controller", "error_type"], rate(select(METRICS.reconcileErrors, HUB))), aggregate("max", ["controller"], select(METRICS.queueDepth, HUB))), "{{controller}} {{error_type}}"),
    { title: "Duration of reconciles", description: "Percentiles by controller, from buckets that double from 1 ms.", view: "lines", width: 8, unit: Seconds, queries: [0.5, 0.99].map((q) => durationQuantile(q)) },
    { title: "Queue depth", description: "Keys that wait to be reconciled. One that grows is a controller that does not keep up.", view: "lines", width: 8, unit: Short, queries: [{ expr: aggregate("max", ["controller"], select(METRICS.queueDepth, HUB)), legend: "{{controller}}" }] },
    { title: "Objects in caches", description: "What the watches keep in memory.", view: "lines", width: 8, unit: Short, queries: [{ expr: aggregate("max", ["controller", "resource_type"], select(METRICS.resourceCacheSize, HUB)), legend: "{{resource_type}} ({{controller}})" }] },
    perSecond("Failing lists and watches", "By kind and code. Each is begun again; the picture is read anew where it may have a gap.", orNone(aggregate("sum", ["resource_type", "reason"], rate(select(METRICS.watchFailures, HUB))), aggregate("max", ["resource_type"], select(METRICS.resourceCacheSize, HUB))), "{{resource_type}} {{reason}}"),
  ],
};

const RESULTS: RowSpec = {
  title: "Results and statuses",
  panels: [
    { title: "Results taken in", description: "Results per second; beside them the probes that the agents' assignments ask for.", view: "lines", width: 8, unit: EventsPerSecond, queries: [
      { expr: aggregate("sum", [], rate(select(METRICS.resultsIngested, HUB))), legend: "taken in" },
      { expr: aggregate("sum", [], once(METRICS.clusterProbesPerSecond, HUB)), legend: "asked for" },
    ] },
    { title: "Results not taken in", description: "Dropped, by reason; parked: messages that could not be read. unknown_check is normal for a moment after a change.", view: "lines", width: 8, unit: EventsPerSecond, queries: [
      { expr: aggregate("sum", ["reason"], rate(select(METRICS.resultsDropped, HUB))), legend: "{{reason}}" },
      { expr: aggregate("sum", [], rate(select(METRICS.resultsParked, HUB))), legend: "parked" },
      { expr: aggregate("sum", ["reason"], rate(select(METRICS.resultsRefused, HUB))), legend: "refused: {{reason}}" },
    ] },
    { title: "Lag of results", description: "For how long results wait in NATS before the hub reads them.", view: "lines", width: 8, unit: Seconds, queries: [{ expr: aggregate("max", [], select(METRICS.resultsLag, HUB)), legend: "lag" }] },
    { title: "Status writes and their budget", description: "Writes per second by reason, and how many are allowed. Refreshes at their budget are normal in a large fleet; transitions at theirs mean that verdicts show late.", view: "lines", width: 8, unit: WritesPerSecond, queries: [
      { expr: aggregate("sum", ["reason"], rate(select(METRICS.statusWrites, HUB))), legend: "{{reason}}" },
      { expr: aggregate("max", ["kind"], select(METRICS.statusWriteBudget, HUB)), legend: "budget: {{kind}}" },
    ] },
    { title: "Statuses waiting for the budget", description: "By why they are to be written. Refreshes never wait here: they come less often instead.", view: "lines", width: 8, unit: Short, queries: [{ expr: aggregate("max", ["reason"], select(METRICS.statusWritesWaiting, HUB)), legend: "{{reason}}" }] },
    { title: "Least time between refreshes", description: "Monitors through budget. Where a monitor's interval is longer, that one applies.", view: "lines", width: 8, unit: Seconds, queries: [{ expr: aggregate("max", [], select(METRICS.statusRefresh, HUB)), legend: "refresh" }] },
    perSecond("Heartbeats", "By what became of them. refused, invalid: an agent whose clock, credentials or version is wrong.", aggregate("sum", ["outcome"], rate(select(METRICS.heartbeats, HUB))), "{{outcome}}"),
  ],
};

const PROCESS: RowSpec = {
  title: "Process",
  panels: [
    ofProcess("Delay of the event loop", "How late the loop is: what every reconcile, result and scrape waits for. max is the worst since the scrape before. An idle loop shows 10 ms, the period of the timer that measures it.", Seconds, [
      { expr: runtime("nodejs_eventloop_lag_p50_seconds"), legend: "p50 {{instance}}" },
      { expr: runtime("nodejs_eventloop_lag_p99_seconds"), legend: "p99 {{instance}}" },
      { expr: runtime("nodejs_eventloop_lag_max_seconds"), legend: "max {{instance}}" },
    ]),
    ofProcess("Time in garbage collection", "Share of the time, by kind of collection.", PercentUnit, [{ expr: aggregate("sum", ["instance", "kind"], rate(select(nodeMetric("nodejs_gc_duration_seconds"), HUB, "_sum"))), legend: "{{kind}} {{instance}}" }]),
    ofProcess("Memory", "resident: all of the process. heap: JavaScript objects. external: buffers.", BytesIEC, [
      { expr: runtime("process_resident_memory_bytes"), legend: "resident {{instance}}" },
      { expr: runtime("nodejs_heap_size_used_bytes"), legend: "heap used {{instance}}" },
      { expr: runtime("nodejs_heap_size_total_bytes"), legend: "heap {{instance}}" },
      { expr: runtime("nodejs_external_memory_bytes"), legend: "external {{instance}}" },
    ]),
    ofProcess("CPU", "Cores in use.", NoUnit, [{ expr: aggregate("sum", EACH, rate(select(nodeMetric("process_cpu_seconds_total"), HUB))), legend: "{{instance}}" }]),
    ofProcess("Open files", "Sockets and files, and how many may be open.", Short, [
      { expr: runtime("process_open_fds"), legend: "open {{instance}}" },
      { expr: runtime("process_max_fds"), legend: "limit {{instance}}" },
    ]),
  ],
};

function perSecond(title: string, description: string, expr: string, legend: string): PanelSpec {
  return { title, description, view: "lines", width: 8, unit: OpsPerSecond, queries: [{ expr, legend }] };
}

/** Beside what went wrong, a line at 0 for each of those where nothing did: an empty panel would not tell it from a missing scrape. */
function orNone(wrong: string, each: string): string {
  return `${wrong} or 0 * ${each}`;
}

function ofProcess(title: string, description: string, unit: string, queries: readonly Query[]): PanelSpec {
  return { title, description, view: "lines", width: 8, unit, queries };
}

function durationQuantile(q: number): Query {
  const buckets = aggregate("sum", ["controller", "le"], rate(select(METRICS.reconcileDuration, HUB, "_bucket")));
  // Where nothing was reconciled there is no number, and a comparison leaves it out.
  return { expr: `histogram_quantile(${q}, ${buckets}) >= 0`, legend: `p${q * 100} {{controller}}` };
}

function increase(selected: string): string {
  return `increase(${selected}[$__range])`;
}

function runtime(name: string): string {
  return aggregate("max", EACH, select(nodeMetric(name), HUB));
}

/** @throws Error when the library serves no such metric. */
function nodeMetric(name: string): MetricSpec {
  const found = NODE_METRICS.find((metric) => metric.name === name);
  if (found === undefined) throw new Error(`${name} is not among the metrics of process and runtime`);
  return found;
}

/** The hub itself: for those who run it. */
export const HUB_DASHBOARD: DashboardSpec = {
  uid: "sightline-hub",
  title: "Hub internals",
  description: "How the hub works: leadership, controllers, results on their way in, writes to Kubernetes, and the process.",
  from: "now-1h",
  variables: [{ name: "instance", label: "Instance", query: `label_values(${select(METRICS.leaderElectionStatus, { job: HUB.job })}, instance)`, several: true }],
  rows: [STATE, CONTROLLERS, RESULTS, PROCESS],
};
