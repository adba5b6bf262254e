/** PromQL out of the metric catalogue: a name or a label that no process serves does not compile. */
import type { MetricSpec, MetricType } from "../../src/telemetry/metrics/spec.ts";

/** A regular expression that a label must match as a whole. */
export interface Pattern {
  readonly pattern: string;
}

/** What each label must be: a text exactly, or a pattern. `job` and `instance` are set by the scrape. */
export type Matchers<L extends string> = Partial<Readonly<Record<L | "job" | "instance", string | Pattern>>>;

/** What is chosen in a dashboard's variable, which may be several values, or all. */
export function chosen(variable: string): Pattern {
  return { pattern: `$${variable}` };
}

/** Whatever is there, but something. */
export const ANY: Pattern = { pattern: ".+" };

export function oneOf(...values: readonly string[]): Pattern {
  return { pattern: values.join("|") };
}

/** All series of a metric that match; with a suffix, those of a histogram's parts. */
export function select<L extends string>(metric: MetricSpec<MetricType, L>, matchers: Matchers<L> = {}, suffix: "" | "_bucket" | "_sum" | "_count" = ""): string {
  const texts = Object.entries<string | Pattern | undefined>(matchers).flatMap(([label, value]) => (value === undefined ? [] : [matcher(label, value)]));
  return `${metric.name}${suffix}${texts.length === 0 ? "" : `{${texts.join(",")}}`}`;
}

function matcher(label: string, value: string | Pattern): string {
  return typeof value === "string" ? `${label}="${value}"` : `${label}=~"${value.pattern}"`;
}

/** Every object's value once, however many processes serve it: a hub and an agent, or two hubs that change over. */
export function once<L extends string>(metric: MetricSpec<MetricType, L>, matchers: Matchers<L> = {}): string {
  return aggregate("max", metric.labels, select(metric, matchers));
}

/** Increase of a counter in a second. */
export function rate(selected: string): string {
  return `rate(${selected}[$__rate_interval])`;
}

/** Each object's mean of what was seen in the dashboard's time range, once, however many processes served it. */
export function meanOverRange<L extends string>(metric: MetricSpec<MetricType, L>, matchers: Matchers<L> = {}): string {
  const selected = select(metric, matchers);
  const sums = aggregate("sum", metric.labels, `sum_over_time(${selected}[$__range])`);
  return `${sums} / ${aggregate("sum", metric.labels, `count_over_time(${selected}[$__range])`)}`;
}

export function aggregate(operator: "sum" | "max" | "min" | "avg" | "count" | "group", by: readonly string[], inner: string): string {
  return by.length === 0 ? `${operator}(${inner})` : `${operator} by (${by.join(", ")}) (${inner})`;
}

/** Days from now to a Unix time. */
export function daysUntil(time: string): string {
  return `(${time} - time()) / 86400`;
}
