import { collectDefaultMetrics, type Registry } from "prom-client";
import { METRICS } from "./catalogue.ts";
import { gauge } from "./make.ts";

/** Gauges by the name of a counter, each the sum of another one's series: checkers of the format refuse them. */
const MISNAMED = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

/**
 * What is known of the process: its build, CPU, memory, the delay of its event loop, and its garbage collection.
 * The measuring goes on for the life of the process: to be asked for once.
 */
export function processMetrics(registry: Registry, version: string): void {
  gauge(registry, METRICS.buildInfo).set({ version, node: process.version }, 1);
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
}
