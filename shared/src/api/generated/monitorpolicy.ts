// Generated from crds/ by `pnpm generate`. Do not edit.
import type { ObjectMeta } from "../object-meta.ts";

/**
 * MonitorPolicy says what the HTTPMonitors of some namespaces may do. A monitor must satisfy every policy that selects its namespace.
 */
export interface MonitorPolicy {
apiVersion: string
kind: string
metadata: ObjectMeta
spec: {
/**
 * Namespaces whose monitors it binds, by their labels. Absent or empty means all.
 */
namespaceSelector?: {
matchLabels?: {
[k: string]: string
}
/**
 * @maxItems 32
 */
matchExpressions?: {
key: string
operator: ("In" | "NotIn" | "Exists" | "DoesNotExist")
/**
 * @maxItems 64
 */
values?: string[]
}[]
}
/**
 * What the monitors may do. What is absent is not restricted by this policy; an empty list lets nothing through.
 */
allow: {
/**
 * Hosts of the URL and of a Host header, in lower case. *.example.com stands for every name below example.com, not for itself.
 * 
 * @maxItems 256
 */
hosts?: string[]
/**
 * Ports of the URL, 80 and 443 where it names none, as numbers (443) and ranges (8000-8999).
 * 
 * @maxItems 64
 */
ports?: (number | string)[]
/**
 * Methods of the request.
 */
methods?: ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS")[]
/**
 * The shortest interval, as a Go duration, 1s to 24h.
 */
minInterval?: string
/**
 * How many monitors a namespace may have. The oldest come first.
 */
maxMonitors?: number
}
}
}
