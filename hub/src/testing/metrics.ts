import { Registry } from "prom-client";
import { ControllerMetrics } from "../kube/metrics.ts";

/** Metrics that nobody reads. */
export function idleMetrics(): ControllerMetrics {
  return new ControllerMetrics(new Registry());
}
