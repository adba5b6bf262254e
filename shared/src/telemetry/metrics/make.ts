import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { LiveMetric } from "./live-metric.ts";
import type { MetricSpec, Sample } from "./spec.ts";

/** A counter that its owner raises. With labels it has no series yet: raise each by 0 whose rate somebody may ask for. */
export function counter<L extends string>(registry: Registry, spec: MetricSpec<"counter", L>): Counter<L> {
  return new Counter({ ...named(spec), registers: [registry] });
}

/** A gauge that its owner sets. */
export function gauge<L extends string>(registry: Registry, spec: MetricSpec<"gauge", L>): Gauge<L> {
  return new Gauge({ ...named(spec), registers: [registry] });
}

/** A histogram with the buckets that its entry names. */
export function histogram<L extends string>(registry: Registry, spec: MetricSpec<"histogram", L>): Histogram<L> {
  return new Histogram({ ...named(spec), buckets: [...(spec.buckets ?? [])], registers: [registry] });
}

/** A gauge or counter that mirrors what is there when somebody asks: series go away with what they tell of. */
export function live<L extends string>(registry: Registry, spec: MetricSpec<"gauge" | "counter", L>, samples: () => Iterable<Sample<L>>): void {
  registry.registerMetric(new LiveMetric(spec, samples));
}

/** The same for a figure without labels; undefined: no series now. */
export function liveFigure(registry: Registry, spec: MetricSpec<"gauge" | "counter", never>, read: () => number | undefined): void {
  live(registry, spec, () => {
    const value = read();
    return value === undefined ? [] : [{ labels: {}, value }];
  });
}

function named<L extends string>({ name, help, labels }: MetricSpec<"counter" | "gauge" | "histogram", L>): { name: string; help: string; labelNames: readonly L[] } {
  return { name, help, labelNames: labels };
}
