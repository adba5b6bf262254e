/** Names that users rely on. */
export const API_GROUP = "monitoring.example.com";
export const API_VERSION = "v1";

export const MONITOR_FINALIZER = `httpmonitor.${API_GROUP}/finalizer`;
export const REGISTRATION_FINALIZER = `clusterregistration.${API_GROUP}/finalizer`;

/** Placement annotations of an HTTPMonitor. */
export const PLACEMENT_ANNOTATIONS = {
  clusters: `${API_GROUP}/clusters`,
  clusterSelector: `${API_GROUP}/cluster-selector`,
  regions: `${API_GROUP}/regions`,
  environments: `${API_GROUP}/environments`,
} as const;

/** Labels of a results ConfigMap. The last one is the monitor's name. */
export const RESULTS_LABELS = {
  "app.kubernetes.io/name": "http-monitor",
  "app.kubernetes.io/component": "results",
  "app.kubernetes.io/managed-by": "http-monitor-operator",
} as const;
export const RESULTS_MONITOR_LABEL = `httpmonitor.${API_GROUP}/name`;
export const RESULTS_TRUNCATED_LABEL = `httpmonitor.${API_GROUP}/truncated`;

/** Field manager of everything that the hub writes by server-side apply. */
export const FIELD_MANAGER = "http-monitor-operator";
