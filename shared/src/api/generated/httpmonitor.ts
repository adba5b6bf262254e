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
