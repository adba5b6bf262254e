import { createHash } from "node:crypto";
import { PLACEMENT_ANNOTATIONS } from "@sightline/shared/api";
import { newSealingKey, newSigningKey } from "@sightline/shared/identity";
import type { CheckpointManifest } from "@sightline/shared/wire";

/** One valid sample of each thing that comes from outside, with every field that it may have. */

const UID = "00000000-0000-4000-8000-000000000001";
const TYPE = (name: string): string => `com.example.monitoring.${name}.v1`;
const event = (type: string, data: unknown, more: object = {}): object => ({ specversion: "1.0", id: "1", type: TYPE(type), source: "/clusters/eu-1", subject: "eu-1", time: "2026-01-01T00:00:00Z", traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`, datacontenttype: "application/json", ...more, data });

const check = {
  url: "https://shop.example.com/up?x=1",
  method: "POST",
  headers: { "X-Shop": "1" },
  body: "{}",
  intervalMs: 30_000,
  timeoutMs: 5000,
  expectedStatuses: ["200", "2xx", "301-302"],
  redirects: { follow: true, max: 10 },
  connection: "Fresh",
};
const position = { epoch: 5, generation: 7, count: 3, checksum: "0".repeat(64) };
const result = { uid: UID, namespace: "shop", name: "front", checkHash: "a", scheduledAt: 1, endedAt: 2, agentEpoch: 1, sequence: 1, success: false, statusCode: 500, durationMs: 1.5, phases: { dns: 1, connect: 1, tls: 1, firstByte: 1, transfer: 1 }, error: { code: "UNEXPECTED_STATUS", message: "got 500" }, certificateExpiresAt: 5 };
const heartbeat = { agentEpoch: 1, sequence: 1, sentAt: 1, agentVersion: "1.0.0", heartbeatIntervalMs: 10_000, held: position, probesPerSecond: 1.5, outbox: { queued: 0, lost: 0 }, assignmentResets: 0, notProbed: { overloaded: [UID], unreadable: [UID], more: 0 } };
const user = newSigningKey("agent").key.publicKey;
const curve = newSealingKey().key.publicKey;
const hubKey = newSigningKey("hub").key.publicKey;
const nonce = "n".repeat(22);
const asked = { nonce, agentVersion: "1.0.0", sentAt: 1 };
const chunk = { created: "2026-01-01T00:00:00Z", sequence: 9, storedAt: 1, pairs: [{ uid: UID, cluster: "eu-1", state: { ...result, damping: { passed: true, recent: "1101", failure: { endedAt: 4, error: { code: "TIMEOUT", message: "none" } } } } }] };
const meta = (name: string, more: object = {}): object => ({ name, uid: UID, resourceVersion: "7", generation: 1, creationTimestamp: "2026-01-01T00:00:00Z", labels: { tier: "edge" }, annotations: {}, finalizers: ["httpmonitor.monitoring.example.com/finalizer"], ...more });
const API = "monitoring.example.com/v1";

const placement = {
  [PLACEMENT_ANNOTATIONS.clusters]: "eu-1,us-*,!us-canary",
  [PLACEMENT_ANNOTATIONS.clusterSelector]: "tier=edge,env in (prod,staging)",
  [PLACEMENT_ANNOTATIONS.regions]: "eu-west-1,us-east-1",
  [PLACEMENT_ANNOTATIONS.environments]: "production",
  [PLACEMENT_ANNOTATIONS.maxClusters]: "3",
  [PLACEMENT_ANNOTATIONS.spreadBy]: "region",
  [PLACEMENT_ANNOTATIONS.tolerations]: "maintenance,edge=true",
};

export const SAMPLES = {
  assignment: event("assignment", { uid: UID, namespace: "shop", name: "front", checkHash: "a", check, suspend: false, probeRequestedAt: 1, sealedHeaders: [{ name: "Authorization", sealed: "c2VhbGVk", secretVersion: "v", origin: "o" }] }),
  head: event("assignment-head", { ...position, settings: { region: "eu-west-1", heartbeatIntervalMs: 10_000, egress: { allow: ["10.0.0.0/8", "*.example.com"], deny: ["10.1.0.0/16"] } } }),
  heartbeat: event("heartbeat", heartbeat),
  results: [event("probe-result", result), event("probe-result", { ...result, sequence: 2 }, { id: "2" })],
  manifest: { owner: "hub-0", chunks: 1, sha256: "0".repeat(64) },
  chunk,
  /** A manifest that fits whatever chunk there is: only so the parser looks at it. */
  checkpoint: (bytes: Uint8Array): CheckpointManifest => ({ owner: "hub-0", chunks: 1, sha256: createHash("sha256").update(bytes).digest("hex") }),
  enrol: event("enrol-request", { token: "a.b.c", agentKey: user, connectionKey: user, sealingKey: curve, ...asked }),
  renew: event("renew-request", { agentKey: user, ...asked }),
  answer: event("identity-answer", { nonce, state: "working", reason: "none", resting: "a.b.c", working: "a.b.c", hubKey, hubSealingKey: curve }),
  placement,
  monitor: {
    apiVersion: API,
    kind: "HTTPMonitor",
    metadata: meta("front", { namespace: "shop", annotations: placement }),
    spec: {
      url: "https://shop.example.com/up",
      method: "POST",
      body: "{}",
      headers: { "X-Shop": "1" },
      headersFrom: [{ name: "Authorization", secretKeyRef: { name: "shop", key: "token" }, vault: { path: "kv/shop", key: "token" } }],
      interval: "30s",
      timeout: "5s",
      expectedStatus: 200,
      expectedStatuses: ["200", "2xx", "301-302"],
      redirects: { follow: true, max: 10 },
      connection: "Fresh",
      failureThreshold: { failures: 2, window: 3 },
      successThreshold: 2,
      suspend: false,
    },
    status: { status: "Healthy", errorMessage: "", observedGeneration: 1, totalClusterCount: 1, healthyClusterCount: 1, clusterResults: [{ clusterID: "eu-1", status: "Success", statusCode: 200, duration: "12ms", timestamp: "2026-01-01T00:00:00Z" }], conditions: [] },
  },
  registration: { apiVersion: API, kind: "ClusterRegistration", metadata: meta("eu-1"), spec: { region: "eu-west-1", environment: "production", accepted: true, taints: [{ key: "edge", value: "true", effect: "NoSelect" }], namespaceSelector: { matchLabels: { team: "shop" }, matchExpressions: [{ key: "env", operator: "In", values: ["prod"] }] }, egress: { allow: ["10.0.0.0/8"], deny: [] }, heartbeat: { interval: "10s", grace: "30s" } } },
  policy: { apiVersion: API, kind: "MonitorPolicy", metadata: meta("guard"), spec: { namespaceSelector: { matchLabels: { team: "shop" } }, allow: { hosts: ["*.example.com"], ports: [443, "8000-8999"], methods: ["GET", "POST"], minInterval: "10s", maxMonitors: 5 } } },
  namespace: { apiVersion: "v1", kind: "Namespace", metadata: meta("shop") },
  configMap: { apiVersion: "v1", kind: "ConfigMap", metadata: meta("front-results", { namespace: "shop", ownerReferences: [{ uid: UID }] }), data: { "cluster-eu-1.json": "{}" } },
  lease: { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: meta("http-monitor-operator", { namespace: "sightline-system" }), spec: { holderIdentity: "hub-0", leaseDurationSeconds: 12, renewTime: "2026-01-01T00:00:00.000000Z", acquireTime: "2026-01-01T00:00:00.000000Z", leaseTransitions: 1 } },
  record: { version: 1, user: "ann", uid: "u", groups: ["shop"], extra: { scopes: ["a"] }, namespace: "shop", name: "front", monitorUid: UID, hash: "0".repeat(64), intent: { spec: { url: "https://shop.example.com" }, placement }, time: "2026-01-01T00:00:00Z", signature: "c2ln" },
};

/** An AdmissionReview as the API server sends it. */
export function review(kind: string, object: unknown, oldObject?: unknown): object {
  const userInfo = { username: "ann", uid: "u-1", groups: ["shop", "system:authenticated"], extra: { "example.com/team": ["shop"] } };
  const request = { uid: UID, kind: { group: "monitoring.example.com", version: "v1", kind }, operation: oldObject === undefined ? "CREATE" : "UPDATE", namespace: "shop", name: "front", userInfo, object, oldObject: oldObject ?? null, dryRun: false };
  return { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request };
}

/** Bytes of a value, as they come over the wire. */
export const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
