import { type Check, checkHash, type ProbeResult } from "@sightline/shared/wire";
import type { MonitorPlan } from "../monitors/plan.ts";
import { UNDAMPED } from "../monitors/thresholds.ts";

/** Builders for the tests of this folder: everything that a test does not name has a plain, valid value. */

export const UID = "00000000-0000-4000-8000-000000000001";

export const CHECK: Check = {
  url: "https://shop.example.com/healthz",
  method: "GET",
  headers: {},
  intervalMs: 30_000,
  timeoutMs: 5000,
  expectedStatuses: ["200"],
  redirects: { follow: true, max: 10 },
  connection: "Fresh",
};

export function resultOf(change: Partial<ProbeResult>): ProbeResult {
  return {
    uid: UID,
    namespace: "shop",
    name: "checkout",
    checkHash: checkHash(CHECK),
    scheduledAt: 0,
    endedAt: 0,
    agentEpoch: 1,
    sequence: 1,
    success: true,
    statusCode: 200,
    durationMs: 12,
    phases: {},
    ...change,
  };
}

/** A plan over the given clusters, in force since the given time. */
export function planOver(clusters: readonly string[], change: Partial<MonitorPlan> = {}, since = 0): MonitorPlan {
  return {
    uid: UID,
    namespace: "shop",
    name: "checkout",
    generation: 1,
    placementHash: "p1",
    check: CHECK,
    checkHash: checkHash(CHECK),
    thresholds: UNDAMPED,
    suspend: false,
    secrets: { type: "SecretsResolved", status: "True", reason: "NoSecrets", message: "", observedGeneration: 1 },
    clusters: new Map(clusters.map((cluster) => [cluster, { since, position: { epoch: 1, generation: 1 } }])),
    assigned: { type: "Assigned", status: "True", reason: "Assigned", message: `${clusters.length} clusters are assigned` },
    ...change,
  };
}
