import type { ClusterResult, HTTPMonitorStatus } from "@sightline/shared/api";
import { describe, expect, it } from "vitest";
import type { MonitorPlan } from "../monitors/plan.ts";
import { StatusBoard } from "./status-board.ts";
import type { StatusDecision } from "./status.ts";
import { planOver } from "./testing.ts";
import type { ClassifiedCluster, ClusterState } from "./verdict.ts";

function cluster(name: string, state: ClusterState, silent = false): ClassifiedCluster {
  return { cluster: name, since: 0, silent, last: undefined, state, ageMs: 0, deadline: undefined };
}

function line(clusterID: string, status: ClusterResult["status"]): ClusterResult {
  return { clusterID, status };
}

function shown(plan: MonitorPlan, clusters: ClassifiedCluster[], status: HTTPMonitorStatus = {}): StatusBoard {
  const decision: StatusDecision = { status, transition: false, clusters, reports: [], nextDeadline: undefined };
  const board = new StatusBoard();
  board.show(plan, decision);
  return board;
}

const CLUSTERS = [cluster("a", "passed"), cluster("b", "failed"), cluster("c", "stale", true), cluster("d", "stale"), cluster("e", "pending", true)];

function decision(ready: "True" | "False"): StatusDecision {
  return { status: { conditions: [{ type: "Ready", status: ready, reason: "R", message: "", lastTransitionTime: "2026-01-01T00:00:00Z" }] }, transition: false, clusters: [], reports: [], nextDeadline: undefined };
}

describe("the board of what monitors show", () => {
  it("counts clusters by state, and those that lack a result for being silent", () => {
    const [entry] = shown(planOver(["a", "b", "c", "d", "e"]), CLUSTERS).all();
    expect(entry).toMatchObject({ clusters: { passed: 1, failed: 1, stale: 2, pending: 1 }, silent: 1 });
  });

  it.each([
    ["a", true],
    ["b", true],
    ["c", false],
    ["d", false],
    ["e", false],
  ])("says of each result whether it is current: %s %s", (name, current) => {
    const plan = planOver(["a", "b", "c", "d", "e"]);
    expect(shown(plan, CLUSTERS).isCurrent(plan.uid, name)).toBe(current);
  });

  it("calls nothing current of a monitor that it has not been shown, or that is suspended", () => {
    const plan = planOver(["a"], { suspend: true });
    expect(shown(plan, [cluster("a", "passed")]).isCurrent(plan.uid, "a")).toBe(false);
    expect(new StatusBoard().isCurrent(plan.uid, "a")).toBe(false);
  });

  it("keeps the counts that a suspended monitor's status shows, whatever has become of its results", () => {
    const status: HTTPMonitorStatus = { healthyClusterCount: 1, totalClusterCount: 4, clusterResults: [line("a", "Success"), line("b", "Failed"), line("c", "Stale"), line("d", "Failed")] };
    const stale = ["a", "b", "c", "d"].map((name) => cluster(name, "stale", true));
    const [entry] = shown(planOver(["a", "b", "c", "d"], { suspend: true }), stale, status).all();
    expect(entry).toMatchObject({ suspended: true, clusters: { passed: 1, failed: 2, stale: 1, pending: 0 }, silent: 0 });
  });

  it("knows who still waits for agents: whoever does not show that they are ready, or showed it of another plan", () => {
    const plan = planOver(["a"]);
    const board = new StatusBoard();
    const waiting = (): string[] => [...board.unready()];
    board.expect(plan.uid);
    expect(waiting()).toEqual([plan.uid]);
    board.show(plan, decision("False"));
    expect(waiting()).toEqual([plan.uid]);
    board.show(plan, decision("True"));
    expect(waiting()).toEqual([]);
    board.expect(plan.uid);
    expect(waiting()).toEqual([plan.uid]);
    board.forget(plan.uid);
    expect(waiting()).toEqual([]);
  });
});
