export { type Condition, type ConditionState, findCondition, isConditionTrue, rfc3339, setCondition } from "./conditions.ts";
export type { ClusterRegistration } from "./generated/clusterregistration.ts";
export type { HTTPMonitor } from "./generated/httpmonitor.ts";
export type { MonitorPolicy } from "./generated/monitorpolicy.ts";
export {
  API_GROUP,
  API_VERSION,
  AUTHORIZED_BY_ANNOTATION,
  FIELD_MANAGER,
  HUB_SERVICE_ACCOUNT,
  hubUserName,
  MANAGED_BY_LABEL,
  MONITOR_FINALIZER,
  PLACEMENT_ANNOTATIONS,
  PROBE_REQUEST_ANNOTATION,
  REGISTRATION_FINALIZER,
  RESULTS_DIGEST_ANNOTATION,
  RESULTS_LABELS,
  RESULTS_MONITOR_LABEL,
  RESULTS_TRUNCATED_LABEL,
} from "./names.ts";
export type { ObjectMeta } from "./object-meta.ts";
export { type Namespace, ObjectError, parseClusterRegistration, parseHTTPMonitor, parseMetadata, parseMonitorPolicy, parseNamespace } from "./parse.ts";
export type { ClusterRegistrationStatus, ClusterResult, HTTPMonitorSpec, HTTPMonitorStatus, Verdict } from "./types.ts";
