export { CATALOGUE, METRICS } from "./catalogue.ts";
export { exposition, EXPOSITION_TYPE } from "./exposition.ts";
export { counter, gauge, histogram, live, liveFigure } from "./make.ts";
export { type PairLabels, type PairOutcome, pairSeries, type ShownPair } from "./pair-series.ts";
export { processMetrics } from "./process-metrics.ts";
export type { LabelValues, MetricSpec, MetricType, Process, Sample, Scope } from "./spec.ts";
