import type { ClusterRegistration } from "./generated/clusterregistration.ts";
import type { HTTPMonitor } from "./generated/httpmonitor.ts";

export type HTTPMonitorSpec = HTTPMonitor["spec"];
export type HTTPMonitorStatus = NonNullable<HTTPMonitor["status"]>;
export type ClusterRegistrationStatus = NonNullable<ClusterRegistration["status"]>;

/** The verdict over all clusters of a monitor. */
export type Verdict = NonNullable<HTTPMonitorStatus["status"]>;

/** One cluster's line in a monitor's status. */
export type ClusterResult = NonNullable<HTTPMonitorStatus["clusterResults"]>[number];
