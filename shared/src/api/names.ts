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
  tolerations: `${API_GROUP}/tolerations`,
  maxClusters: `${API_GROUP}/max-clusters`,
  spreadBy: `${API_GROUP}/spread-by`,
} as const;

/** Annotation of an HTTPMonitor that asks for a probe now. */
export const PROBE_REQUEST_ANNOTATION = `${API_GROUP}/probe-requested-at`;

/** Annotation of an HTTPMonitor: who asked for it, signed by the hub. Nobody else can write it. */
export const AUTHORIZED_BY_ANNOTATION = `${API_GROUP}/authorized-by`;

/** Label of everything that the hub makes; its value is FIELD_MANAGER. */
export const MANAGED_BY_LABEL = "app.kubernetes.io/managed-by";

/** Labels of a results ConfigMap. The last one is the monitor's name. */
export const RESULTS_LABELS = {
  "app.kubernetes.io/name": "http-monitor",
  "app.kubernetes.io/component": "results",
  [MANAGED_BY_LABEL]: "http-monitor-operator",
} as const;
export const RESULTS_MONITOR_LABEL = `httpmonitor.${API_GROUP}/name`;
export const RESULTS_TRUNCATED_LABEL = `httpmonitor.${API_GROUP}/truncated`;
/** Annotation of a results ConfigMap: what the hub wrote, as a hash, so that an edit by hand shows. */
export const RESULTS_DIGEST_ANNOTATION = `httpmonitor.${API_GROUP}/digest`;

/** Name of the ServiceAccount that the hub runs as, in its own namespace. */
export const HUB_SERVICE_ACCOUNT = "http-monitor-operator";

/** Name by which the API server knows a hub that runs in this namespace. */
export function hubUserName(namespace: string): string {
  return `system:serviceaccount:${namespace}:${HUB_SERVICE_ACCOUNT}`;
}

/** Field manager of everything that the hub writes: by server-side apply, but for what it makes where nothing may be yet. */
export const FIELD_MANAGER = "http-monitor-operator";
