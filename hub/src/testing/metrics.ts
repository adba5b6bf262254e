import { Registry } from "prom-client";
import { ControllerMetrics } from "../kube/metrics.ts";

/** Where metrics are registered, for those who have no library of their own for it. */
export function emptyRegistry(): Registry {
  return new Registry();
}

/** Metrics that nobody reads. */
export function idleMetrics(): ControllerMetrics {
  return new ControllerMetrics(new Registry());
}
