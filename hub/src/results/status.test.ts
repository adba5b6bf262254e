import type { HTTPMonitorStatus } from "@sightline/shared/api";
import type { ProbeResult } from "@sightline/shared/wire";
import { describe, expect, it } from "vitest";
import { pairOf, type PairState } from "./pair-state.ts";
import { decideStatus, type StatusDecision, type StatusInput } from "./status.ts";
import { planOver, resultOf } from "./testing.ts";

const NOW = Date.UTC(2026, 0, 1, 12);
const CLUSTERS = ["ap-1", "eu-1", "us-1"];
const FAILED = { success: false, statusCode: 500, error: { code: "UNEXPECTED_STATUS", message: "unexpected status code: got 500, expected 200" } } as const;

function pair(change: Partial<ProbeResult> = {}): PairState {
  return pairOf(resultOf({ endedAt: NOW - 1000, ...change }), { storedAt: NOW, clockOffsetMs: 0 });
}

function decide(change: Partial<StatusInput> = {}): StatusDecision {
  return decideStatus({
    plan: planOver(CLUSTERS, {}, NOW - 20_000),
    pairs: new Map(CLUSTERS.map((cluster) => [cluster, pair()])),
    liveness: () => ({ available: true, lastHeartbeatAt: NOW, clockOffsetMs: 0 }),
    notProbed: { reason: () => undefined },
    acknowledged: () => ({ epoch: 1, generation: 1 }),
    previous: undefined,
    moment: { now: NOW, heardSince: 0 },
    ...change,
  });
}

function condition(status: HTTPMonitorStatus, type: string): string | undefined {
  const found = status.conditions?.find((one) => one.type === type);
  return found === undefined ? undefined : `${found.status} ${found.reason}`;
}

describe("a monitor with secrets", () => {
  it.each([
    ["False", "SecretNotFound", "False SecretNotFound"],
    ["Unknown", "SourceUnavailable", "True InForce"],
    ["True", "Resolved", "True InForce"],
  ] as const)("is ready only with its secrets: %s by %s", (status, reason, ready) => {
    const decided = decide({ plan: planOver(CLUSTERS, { secrets: { type: "SecretsResolved", status, reason, message: "why", observedGeneration: 1 } }) }).status;
    expect(condition(decided, "SecretsResolved")).toBe(`${status} ${reason}`);
    expect(condition(decided, "Ready")).toBe(ready);
  });
});

describe("the status of a monitor", () => {
  it("shows the verdict, the counts and each cluster's last result, in the clusters' order", () => {
    const pairs = new Map([["us-1", pair({ ...FAILED, durationMs: 75.5 })], ["eu-1", pair({ endedAt: NOW - 500 })]]);
    const { status, transition } = decide({ pairs, plan: planOver(CLUSTERS, {}, NOW - 100_000) });
    expect(transition).toBe(true);
    expect(status).toMatchObject({
      status: "Degraded",
      healthy: "1/3",
      healthyClusterCount: 1,
      totalClusterCount: 3,
      lastCheck: "2026-01-01T11:59:59.500Z",
      errorMessage: "Healthy: 1/3 clusters. Last error: unexpected status code: got 500, expected 200",
      observedGeneration: 1,
      observedPlacement: "p1",
    });
    expect(status.clusterResults).toEqual([
      { clusterID: "ap-1", status: "Stale", errorMessage: "no result since 2026-01-01T11:58:20Z" },
      { clusterID: "eu-1", status: "Success", timestamp: "2026-01-01T11:59:59.500Z", duration: "12ms", statusCode: 200 },
      { clusterID: "us-1", status: "Failed", timestamp: "2026-01-01T11:59:59.000Z", duration: "75.5ms", statusCode: 500, errorMessage: FAILED.error.message },
    ]);
    expect(condition(status, "Healthy")).toBe("False Degraded");
    expect(condition(status, "Ready")).toBe("True InForce");
  });

  it("takes a result for current again once its silent cluster is heard, however long the interval is", () => {
    const silent = decide({ liveness: (cluster) => ({ available: cluster !== "us-1", lastHeartbeatAt: NOW, clockOffsetMs: 0 }) }).status;
    expect(silent.healthy).toBe("2/3");
    const unheard = decide({ previous: silent, liveness: () => ({ available: true, lastHeartbeatAt: undefined, clockOffsetMs: 0 }) }).status;
    expect(unheard.healthy).toBe("2/3");
    expect(decide({ previous: silent }).status.healthy).toBe("3/3");
  });

  it("keeps a result stale that was stale before the hub restarted, until a newer one comes", () => {
    const old = new Map(CLUSTERS.map((cluster) => [cluster, pair(cluster === "us-1" ? { endedAt: NOW - 3_600_000 } : {})]));
    const before = decide({ pairs: old, plan: planOver(CLUSTERS, {}, NOW - 7_200_000) });
    expect(before.status).toMatchObject({ status: "Degraded", healthy: "2/3" });
    const restarted = { pairs: old, previous: before.status, plan: planOver(CLUSTERS, {}, NOW), moment: { now: NOW + 1, heardSince: NOW } };
    expect(decide(restarted)).toMatchObject({ transition: false, status: { status: "Degraded", healthy: "2/3" } });
    const newer = new Map(old).set("us-1", pair({ endedAt: NOW }));
    expect(decide({ ...restarted, pairs: newer }).status).toMatchObject({ status: "Healthy", healthy: "3/3" });
  });

  it("says the same when nothing changed, and keeps the time of its transition", () => {
    const { status } = decide();
    const again = decide({ previous: status, moment: { now: NOW + 5000, heardSince: 0 } });
    expect(again.transition).toBe(false);
    expect(again.status).toEqual(status);
  });

  it("takes no result of another check into account, and waits for the first of this one", () => {
    const pairs = new Map(CLUSTERS.map((cluster) => [cluster, pair({ checkHash: "other" })]));
    const fresh = decide({ pairs, plan: planOver(CLUSTERS, {}, NOW) });
    expect(fresh.status).toMatchObject({ status: "Unknown", errorMessage: "Waiting for the first result of 3 clusters." });
    expect(fresh.nextDeadline).toBe(NOW + 45_000);
    const changed = decide({ pairs, plan: planOver(CLUSTERS, {}, NOW), previous: decide().status });
    expect(changed).toMatchObject({ transition: false, status: { status: "Healthy", healthy: "0/3" } });
  });

  it("is frozen while suspended, but for the condition", () => {
    const previous = decide().status;
    const { status, nextDeadline } = decide({ plan: planOver(CLUSTERS, { suspend: true }), pairs: new Map(), previous, moment: { now: NOW + 1_000_000, heardSince: 0 } });
    const { conditions: _before, ...frozen } = previous;
    const { conditions: _after, ...now } = status;
    expect(now).toEqual(frozen);
    expect(condition(status, "Suspended")).toBe("True Suspended");
    expect(condition(status, "Healthy")).toBe("True Healthy");
    expect(nextDeadline).toBeUndefined();
  });

  it("is Ready once every available cluster holds the check; a hub that has just started takes the word of the last one", () => {
    expect(condition(decide({ acknowledged: (cluster) => ({ epoch: 1, generation: cluster === "eu-1" ? 0 : 9 }) }).status, "Ready")).toBe("False AwaitingAgents");
    const silent = { available: false, lastHeartbeatAt: undefined, clockOffsetMs: 0 };
    expect(condition(decide({ acknowledged: () => ({ epoch: 0, generation: 0 }), liveness: () => silent }).status, "Ready")).toBe("True InForce");
    expect(condition(decide({ acknowledged: () => undefined }).status, "Ready")).toBe("False AwaitingAgents");
    expect(condition(decide({ acknowledged: () => undefined, previous: decide().status }).status, "Ready")).toBe("True InForce");
    const next = planOver(CLUSTERS, { generation: 2 }, NOW);
    expect(condition(decide({ acknowledged: () => undefined, previous: decide().status, plan: next }).status, "Ready")).toBe("False AwaitingAgents");
  });

  it("without a cluster is Unknown, for the reason of the placement", () => {
    const assigned = { type: "Assigned", status: "False", reason: "NoClusterMatched", message: "no cluster is registered" } as const;
    const { status } = decide({ plan: planOver([], { assigned }) });
    expect(status).toMatchObject({ status: "Unknown", errorMessage: "No cluster is assigned: no cluster is registered.", healthy: "0/0", clusterResults: [] });
    expect(condition(status, "Assigned")).toBe("False NoClusterMatched");
  });

  it("shows the raw last result while damping decides the verdict", () => {
    const thresholds = { failures: 3, window: 5, successes: 2 };
    const plan = planOver(["eu-1"], { thresholds }, NOW - 100_000);
    const failing = { ...pair(FAILED), damping: { passed: true, recent: "0" } };
    const before = decide({ plan, pairs: new Map([["eu-1", failing]]) }).status;
    expect(before).toMatchObject({ status: "Healthy", healthy: "1/1", errorMessage: "", clusterResults: [{ status: "Failed", errorMessage: FAILED.error.message }] });
    const recovering = { ...pair(), damping: { passed: false, recent: "1", failure: { endedAt: NOW - 9000, error: FAILED.error } } };
    const after = decide({ plan, pairs: new Map([["eu-1", recovering]]) }).status;
    expect(after).toMatchObject({ status: "Unhealthy", healthy: "0/1", clusterResults: [{ status: "Success" }] });
    expect(after.errorMessage).toBe(`All 1 clusters failed. Last error: ${FAILED.error.message}`);
    expect(decide({ plan: planOver(["eu-1"]), pairs: new Map([["eu-1", failing]]), moment: { now: NOW, heardSince: NOW } }).status.status).toBe("Unhealthy");
  });

  it("has a check that an agent does not probe as stale, with the reason", () => {
    const notProbed = { reason: (cluster: string) => (cluster === "us-1" ? ("overloaded" as const) : undefined) };
    const { status } = decide({ notProbed });
    expect(status).toMatchObject({ status: "Degraded", healthy: "2/3", errorMessage: "Healthy: 2/3 clusters. Last error: us-1: skipped by the agent: overloaded" });
    expect(status.clusterResults?.[2]).toMatchObject({ clusterID: "us-1", status: "Stale", errorMessage: "skipped by the agent: overloaded" });
    const silent = { available: false, lastHeartbeatAt: undefined, clockOffsetMs: 0 };
    expect(decide({ notProbed, liveness: () => silent }).status.clusterResults?.[2]?.errorMessage).toMatch(/the cluster is silent$/);
  });

  it("counts 500 clusters and shows 100, below 100 KiB even where every one says as much as it may", () => {
    const clusters = Array.from({ length: 500 }, (_none, index) => `${"c".repeat(59)}-${String(index).padStart(3, "0")}`);
    const long = { ...FAILED, error: { code: "CONNECT_FAILED", message: "x".repeat(512) } };
    const pairs = new Map(clusters.map((cluster) => [cluster, pair(long)]));
    const { status, reports } = decide({ plan: planOver(clusters), pairs, moment: { now: NOW, heardSince: NOW } });
    expect(status).toMatchObject({ status: "Unhealthy", healthy: "0/500", totalClusterCount: 500 });
    expect([status.clusterResults?.length, reports.length]).toEqual([100, 500]);
    expect(status.clusterResults?.every(({ errorMessage }) => (errorMessage?.length ?? 0) <= 512)).toBe(true);
    expect(JSON.stringify(status).length).toBeLessThan(100 * 1024);
  });

  it("shows at most 100 clusters, failed ones first, in the clusters' order", () => {
    const clusters = Array.from({ length: 150 }, (_none, index) => `c-${String(index).padStart(3, "0")}`);
    const pairs = new Map(clusters.map((cluster, index) => [cluster, index === 149 ? pair(FAILED) : pair()]));
    const names = decide({ plan: planOver(clusters), pairs, moment: { now: NOW, heardSince: NOW } }).status.clusterResults?.map(({ clusterID }) => clusterID) ?? [];
    expect(names).toHaveLength(100);
    expect(names).toEqual([...clusters.slice(0, 99), "c-149"]);
  });
});
