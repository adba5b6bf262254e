// Generated from crds/ by `pnpm generate`. Do not edit.
import type { ObjectMeta } from "../object-meta.ts";

/**
 * ClusterRegistration names a member cluster whose agent may probe. Its labels are what placement selectors match.
 */
export interface ClusterRegistration {
apiVersion: string
kind: string
metadata: ObjectMeta
spec: {
/**
 * Where the cluster stands. Sent to targets as X-Cluster-Region, matched by the regions annotation.
 */
region?: string
/**
 * What the cluster is for, such as production. Matched by the environments annotation.
 */
environment?: string
/**
 * The hub's side of a double opt-in. A cluster that is not accepted gets no assignment.
 */
accepted?: boolean
/**
 * Keeps monitors out that do not tolerate them (annotation tolerations).
 * 
 * @maxItems 32
 */
taints?: {
/**
 * As a label key, such as maintenance or example.com/edge.
 */
key: string
/**
 * As a label value.
 */
value?: string
/**
 * NoSelect withdraws what is there; NoSelectIfNew only lets nothing new in.
 */
effect: ("NoSelect" | "NoSelectIfNew")
}[]
/**
 * Namespaces whose monitors may run in this cluster, by their labels. Absent or empty means all.
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
 * Where the cluster's agent may connect to. The most specific entry decides; of two equal ones, deny.
 */
egress?: {
/**
 * Where it may. With any entry here, everything else is denied. An entry as long as a protected range opens that range.
 * 
 * @maxItems 64
 */
allow?: string[]
/**
 * Where it may not. A host is what the URL names; a CIDR is what is really dialled.
 * 
 * @maxItems 64
 */
deny?: string[]
}
/**
 * How often the agent reports, and how long its silence is borne before Available becomes Unknown.
 */
heartbeat?: {
interval?: string
grace?: string
}
}
status?: {
/**
 * The agent's own key (NKey, U…), pinned when it enrolled. What it sends is signed by it.
 */
publicKey?: string
/**
 * The agent's curve key (X…), pinned with it. Secrets are sealed to it.
 */
sealingKey?: string
/**
 * The key (U…) by which the agent connects to NATS while the cluster is accepted.
 */
connectionKey?: string
/**
 * How the keys were pinned, and until when credentials were issued for them.
 */
enrolment?: {
/**
 * Public key of the join token that was used.
 */
tokenKey?: string
/**
 * When the keys were pinned.
 */
time?: string
/**
 * Public key of the agent whose place this one took.
 */
replacedKey?: string
/**
 * When the agent's last working credentials were issued.
 */
credentialsIssuedTime?: string
}
agentVersion?: string
lastHeartbeatTime?: string
/**
 * The heartbeat interval in force.
 */
heartbeatInterval?: string
/**
 * The grace in force. Silence shows after interval + grace.
 */
heartbeatGrace?: string
assignedMonitors?: number
assignedEpoch?: number
assignedGeneration?: number
acknowledgedEpoch?: number
acknowledgedGeneration?: number
/**
 * Acknowledged and assigned generation, such as 12/12.
 */
synced?: string
probesPerSecond?: string
/**
 * How far the agent's clock is ahead of the hub's; negative when behind.
 */
clockSkew?: string
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
