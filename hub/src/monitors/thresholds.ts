import type { HTTPMonitor, HTTPMonitorSpec } from "@sightline/shared/api";
import { keyOf } from "../kube/resources.ts";
import type { Lister } from "../kube/types.ts";

/** When a cluster's results turn its state. They do not change the probe, so they are no part of the check's identity. */
export interface Thresholds {
  /** A cluster that passed counts as failed after so many failures… */
  failures: number;
  /** …among so many last results. */
  window: number;
  /** A cluster that failed counts as passed after so many successes in a row. */
  successes: number;
}

/** Every result decides by itself. */
export const UNDAMPED: Thresholds = { failures: 1, window: 1, successes: 1 };

/** The thresholds that a monitor's spec asks for; the API server has validated it. */
export function thresholdsOf({ failureThreshold, successThreshold }: HTTPMonitorSpec): Thresholds {
  const failures = failureThreshold?.failures ?? 1;
  return { failures, window: Math.max(failures, failureThreshold?.window ?? failures), successes: successThreshold ?? 1 };
}

/** By the monitor itself rather than its plan: results are read before all plans are made. One that is gone has none. */
export function thresholdsIn(monitors: Pick<Lister<HTTPMonitor>, "get">, monitor: { uid: string; namespace: string; name: string }): Thresholds {
  const found = monitors.get(keyOf(monitor));
  return found?.metadata.uid === monitor.uid ? thresholdsOf(found.spec) : UNDAMPED;
}

/** Whether a result may fail to decide by itself. A larger window alone changes nothing: its first failure is enough. */
export function isDamped({ failures, successes }: Thresholds): boolean {
  return failures > 1 || successes > 1;
}
