/** Values, colours and selectors that several dashboards share. */
import { PercentUnit } from "@grafana/grafana-foundation-sdk/units";
import { METRICS } from "../../src/telemetry/metrics/catalogue.ts";
import { aggregate, type Matchers, once, select } from "./promql.ts";
import type { Colour, Query, Reading, Step, Word } from "./spec.ts";

/** Verdicts as numbers, the worst highest: so can they be sorted, and shown as one line over time. */
export const VERDICTS = [
  { value: -1, text: "suspended", colour: "blue" },
  { value: 0, text: "Healthy", colour: "green" },
  { value: 1, text: "Unknown", colour: "purple" },
  { value: 2, text: "Degraded", colour: "orange" },
  { value: 3, text: "Unhealthy", colour: "red" },
] as const satisfies readonly Word[];

export const VERDICT_COLOURS: Readonly<Record<string, Colour>> = Object.fromEntries(VERDICTS.map(({ text, colour }) => [text, colour]));

/** States of a monitor's clusters. */
export const STATE_COLOURS: Readonly<Record<string, Colour>> = { passed: "green", failed: "red", stale: "purple", pending: "blue" };

export const PASSES: readonly Word[] = [
  { value: -1, text: "no result", colour: "purple" },
  { value: 0, text: "fails", colour: "red" },
  { value: 1, text: "passes", colour: "green" },
];

export const AVAILABLE: readonly Word[] = [
  { value: 0, text: "silent", colour: "red" },
  { value: 1, text: "available", colour: "green" },
];

/** Nothing is best. */
export const NONE_IS_GOOD: readonly Step[] = [
  { from: null, colour: "green" },
  { from: 1, colour: "red" },
];

const SHARE_STEPS: readonly Step[] = [
  { from: null, colour: "red" },
  { from: 0.99, colour: "orange" },
  { from: 0.999, colour: "green" },
];

/** How a share of the time range is read. */
export const SHARE_OF_TIME: Reading = { unit: PercentUnit, decimals: 2, steps: SHARE_STEPS };

/** Days until a certificate ends. */
export const CERTIFICATE_STEPS: readonly Step[] = [
  { from: null, colour: "red" },
  { from: 7, colour: "orange" },
  { from: 21, colour: "green" },
];

/** Seconds of a probe. */
export const LATENCY_STEPS: readonly Step[] = [
  { from: null, colour: "green" },
  { from: 0.5, colour: "yellow" },
  { from: 1, colour: "orange" },
  { from: 3, colour: "red" },
];

type MonitorMatchers = Pick<Matchers<"namespace" | "monitor">, "namespace" | "monitor">;
type ClusterMatchers = Pick<Matchers<"cluster" | "region">, "cluster" | "region">;

/** The verdict of each monitor as a number of VERDICTS. That of a suspended one is frozen, so it shows as suspended. */
export function verdicts(matchers: MonitorMatchers): string {
  const terms = VERDICTS.toReversed().flatMap(({ value, text }) => {
    const shown = aggregate("max", ["namespace", "monitor"], select(METRICS.monitorStatus, { ...matchers, status: text }));
    return value <= 0 ? [] : [value === 1 ? shown : `${value} * ${shown}`];
  });
  return `(-${once(METRICS.monitorSuspended, matchers)} < 0 or ${terms.join(" + ")})`;
}

/** Without what is said of monitors that are suspended now: it is frozen. */
export function notSuspended(expr: string, matchers: MonitorMatchers): string {
  return `${expr} unless on (namespace, monitor) (${select(METRICS.monitorSuspended, matchers)} == 1)`;
}

/** How many monitors show each verdict, and how many are suspended instead. */
export function verdictCounts(matchers: MonitorMatchers): Query[] {
  return [
    { expr: aggregate("sum", ["status"], notSuspended(once(METRICS.monitorStatus, matchers), matchers)), legend: "{{status}}" },
    { expr: aggregate("sum", [], once(METRICS.monitorSuspended, matchers)), legend: "suspended" },
  ];
}

/** Without what agents of silent clusters say of themselves where they can be scraped: to the hub it is no current result. */
export function notSilent(expr: string, matchers: ClusterMatchers = {}): string {
  return `${expr} unless on (cluster) ${silent(matchers)}`;
}

/** Clusters that are silent now. */
export function silent(matchers: ClusterMatchers): string {
  return `(${once(METRICS.clusterAvailable, matchers)} == 0)`;
}

/** Clusters of each monitor in a state. */
export function clustersOf(matchers: MonitorMatchers, state: string): string {
  return aggregate("sum", ["namespace", "monitor"], once(METRICS.monitorClusters, { ...matchers, state }));
}

/** Clusters that each monitor is assigned to, whatever their state. */
export function assignedTo(matchers: MonitorMatchers): string {
  return aggregate("sum", ["namespace", "monitor"], once(METRICS.monitorClusters, matchers));
}
