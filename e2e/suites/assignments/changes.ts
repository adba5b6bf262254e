import { AssignmentMirror, type BatchPlan, type MonitorChange, planBatch } from "@sightline/shared/protocol";
import { type Assignment, type Check, checkHash } from "@sightline/shared/wire";

import { isTestHubs, signAsTestHub } from "../../kit/test-keys.ts";

export function uidOf(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
}

export function clusterNames(count: number): string[] {
  return Array.from({ length: count }, (_none, index) => `c-${index}`);
}

/** The change by which one monitor is probed at `url` from the clusters. */
export function changeOf(uid: string, url: string, clusters: readonly string[]): MonitorChange {
  const check: Check = { url, method: "GET", headers: {}, intervalMs: 30_000, timeoutMs: 5000, expectedStatuses: ["200"], redirects: { follow: true, max: 10 }, connection: "Fresh" };
  const assignment: Assignment = { uid, namespace: "shop", name: "cart", checkHash: checkHash(check), check, suspend: false };
  return { uid, wanted: new Map(clusters.map((cluster) => [cluster, assignment])) };
}

/** The batch that brings one monitor to the clusters of an empty stream. */
export function planFor(uid: string, clusters: readonly string[]): BatchPlan {
  return planBatch(new AssignmentMirror(isTestHubs), [changeOf(uid, "http://a/", clusters)], [], { epoch: 1, settings: () => ({ region: "r", heartbeatIntervalMs: 1000 }), sign: signAsTestHub });
}
