// Generated from crds/ by `pnpm generate`. Do not edit.
import type { ObjectMeta } from "../object-meta.ts";

/**
 * HTTPMonitor asks for one URL to be probed from member clusters, and shows one verdict over all of them.
 */
export interface HTTPMonitor {
apiVersion: string
kind: string
metadata: ObjectMeta
spec: {
/**
 * The http or https URL to probe. No user info in it; use headers for credentials.
 */
url: string
/**
 * The request method.
 */
method?: ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS")
/**
 * Request headers, sent as given. Host also sets the TLS server name. X-Cluster-ID, X-Cluster-Region, traceparent, framing and hop-by-hop headers are set by the agent and refused here.
 */
headers?: {
[k: string]: string
}
/**
 * Request headers whose values are secrets: from Vault, or from a Secret of this namespace. With both, Vault first; the Secret when Vault lacks it or cannot be reached. Without its value the probe is not sent.
 * 
 * @maxItems 16
 */
headersFrom?: {
/**
 * Name of the header.
 */
name: string
/**
 * A key of a secret in Vault's KV engine, version 2.
 */
vault?: {
/**
 * Path of the secret below what the hub reads for this namespace (by default secret/sightline/NAMESPACE/). It cannot lead out of there.
 */
path: string
/**
 * The key in that secret.
 */
key: string
}
/**
 * A key of a Secret in the monitor's own namespace.
 */
secretKeyRef?: {
/**
 * Name of the Secret.
 */
name: string
/**
 * The key in its data.
 */
key: string
}
}[]
/**
 * Request body, sent as given.
 */
body?: string
/**
 * Time between two probes from one cluster, 1s to 24h, as a Go duration.
 */
interval?: string
/**
 * Limit of one whole probe, redirects included, as a Go duration; at most the interval. When absent: the smaller of 5s and the interval.
 */
timeout?: string
/**
 * The response status that counts as a success.
 */
expectedStatus?: number
/**
 * Response statuses that count as a success: codes (200), classes (2xx) and ranges (200-204). Wins over expectedStatus.
 * 
 * @minItems 1
 * @maxItems 32
 */
expectedStatuses?: [(number | string), ...((number | string))[]]
/**
 * What becomes of a redirect (301, 302, 303, 307 or 308 with a Location).
 */
redirects?: {
/**
 * When false, the redirect itself is judged by the expected status.
 */
follow?: boolean
/**
 * The most redirects that one probe follows; with one more it fails.
 */
max?: number
}
/**
 * Fresh opens a new connection for each probe, so that DNS, connect and TLS are probed too; Reuse keeps one between probes.
 */
connection?: ("Fresh" | "Reuse")
/**
 * A cluster that passed counts as failed once this many of its last results failed. The first result of a check decides at once.
 */
failureThreshold?: {
/**
 * So many failed results.
 */
failures?: number
/**
 * Of so many last results. When absent, as many as failures, that is, in a row.
 */
window?: number
}
/**
 * A cluster that failed counts as passed again once this many results in a row succeeded.
 */
successThreshold?: number
/**
 * Stop probing. Status and counts stay as they are.
 */
suspend?: boolean
}
status?: {
status?: ("Healthy" | "Degraded" | "Unhealthy" | "Unknown")
lastCheck?: string
lastTransitionTime?: string
observedGeneration?: number
/**
 * Hash of the placement annotations seen (annotations do not raise metadata.generation).
 */
observedPlacement?: string
healthyClusterCount?: number
totalClusterCount?: number
/**
 * Healthy and total cluster count, such as 2/3.
 */
healthy?: string
errorMessage?: string
/**
 * @maxItems 100
 */
clusterResults?: {
clusterID: string
timestamp?: string
/**
 * From the start of DNS to the last body byte, as a Go duration.
 */
duration?: string
status: ("Success" | "Failed" | "Stale" | "Pending")
statusCode?: number
errorMessage?: string
}[]
conditions?: {
type: string
status: ("True" | "False" | "Unknown")
observedGeneration?: number
lastTransitionTime: string
reason: string
message: string
}[]
}
}
