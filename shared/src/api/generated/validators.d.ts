// Generated from crds/ by `pnpm generate`. Do not edit.
import type { SchemaCheck } from "../schema-check.ts";
import type { ClusterRegistration } from "./clusterregistration.ts";
export declare const validateClusterRegistrationSchema: SchemaCheck<ClusterRegistration>;
import type { HTTPMonitor } from "./httpmonitor.ts";
export declare const validateHTTPMonitorSchema: SchemaCheck<HTTPMonitor>;
import type { MonitorPolicy } from "./monitorpolicy.ts";
export declare const validateMonitorPolicySchema: SchemaCheck<MonitorPolicy>;
