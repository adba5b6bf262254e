import { describe, expect, it } from "vitest";
import type { PairState } from "./pair-state.ts";
import { type ClassifiedCluster, classify, type ClusterFacts, type ClusterState, judge, type Moment, nextDeadline, type VerdictInput } from "./verdict.ts";

const NOW = 1_000_000_000;
const TIMING = { intervalMs: 30_000, timeoutMs: 5000 };
const HEARING: Moment = { heardSince: 0, now: NOW };

function result(over: Partial<PairState> = {}): PairState {
  return { checkHash: "h", agentEpoch: 1, sequence: 1, endedAt: NOW, success: true, statusCode: 200, durationMs: 12, phases: {}, ...over };
}

function failure(message: string, endedAt = NOW): PairState {
  return result({ success: false, statusCode: 500, endedAt, error: { code: "UNEXPECTED_STATUS", message } });
}

function facts(over: Partial<ClusterFacts> = {}): ClusterFacts {
  return { cluster: "eu-1", since: 0, silent: false, last: result(), ...over };
}

function inState(state: ClusterState, cluster: string, last?: PairState): ClassifiedCluster {
  const kept = state === "failed" ? failure("boom") : state === "passed" ? result() : undefined;
  return { cluster, since: 0, silent: false, last: last ?? kept, state, ageMs: 75_000, deadline: undefined };
}

function fleet(counts: Record<ClusterState, number>): ClassifiedCluster[] {
  const states = (["passed", "failed", "stale", "pending"] as const).flatMap((state) => Array.from({ length: counts[state] }, () => state));
  return states.map((state, index) => inState(state, `c-${index}`));
}

function state(over: Partial<ClusterFacts>, moment: Moment = HEARING): ClusterState {
  return classify(facts(over), TIMING, moment).state;
}

function message(clusters: ClassifiedCluster[], previous?: VerdictInput["previous"]): string {
  return judge({ clusters, noClusterReason: "no registered cluster", previous }).errorMessage;
}

function failed(cluster: string, text: string, endedAt: number): ClassifiedCluster {
  return inState("failed", cluster, failure(text, endedAt));
}

describe("the state of a cluster", () => {
  it("is pending before the first result, until interval + timeout + 10 s have passed", () => {
    expect(state({ last: undefined, since: NOW })).toBe("pending");
    expect(state({ last: undefined, since: NOW - 44_999 })).toBe("pending");
    expect(state({ last: undefined, since: NOW - 45_000 })).toBe("stale");
    expect(state({ last: undefined, since: NOW, silent: true })).toBe("pending");
  });

  it("is the last result's while that is at most 2 intervals + timeout old, and stale afterwards", () => {
    expect(state({ last: result({ endedAt: NOW - 65_000 }) })).toBe("passed");
    expect(state({ last: failure("x", NOW - 65_000) })).toBe("failed");
    expect(state({ last: result({ endedAt: NOW - 65_001 }) })).toBe("stale");
  });

  it("counts age from the plan, when that is later than the result", () => {
    expect(state({ last: result({ endedAt: NOW - 500_000 }), since: NOW - 65_000 })).toBe("passed");
    expect(state({ last: result({ endedAt: NOW - 500_000 }), since: NOW - 65_001 })).toBe("stale");
  });

  it("is stale when the cluster is silent", () => {
    expect(state({ silent: true })).toBe("stale");
  });

  it.each(["overloaded", "unreadable"] as const)("is stale when the agent does not probe the check (%s), but pending before the first result", (skipped) => {
    expect(state({ skipped })).toBe("stale");
    expect(state({ skipped, last: failure("x") })).toBe("stale");
    expect(state({ skipped, last: undefined, since: NOW })).toBe("pending");
  });

  it("is what damping makes of the last result", () => {
    expect(state({ passed: true, last: failure("x") })).toBe("passed");
    expect(state({ passed: false })).toBe("failed");
    expect(state({ passed: false, last: result({ endedAt: NOW - 500_000 }) })).toBe("stale");
  });

  it("does not go stale by time in which the hub could not hear", () => {
    const old = { last: result({ endedAt: NOW - 500_000 }) };
    expect(state(old, { heardSince: NOW - 65_000, now: NOW })).toBe("passed");
    expect(state(old, { heardSince: NOW - 65_001, now: NOW })).toBe("stale");
    expect(state(old, { heardSince: 0, now: NOW - 440_000 })).toBe("passed");
  });
});

describe("the next deadline", () => {
  it("is when the first state changes by time alone", () => {
    const clusters = [facts(), facts({ cluster: "us-1", last: undefined, since: NOW - 1000 }), facts({ cluster: "ap-1", silent: true })];
    const classified = clusters.map((cluster) => classify(cluster, TIMING, HEARING));
    expect(nextDeadline(classified)).toBe(NOW - 1000 + 45_000);
    const at = nextDeadline([classify(facts(), TIMING, HEARING)]) ?? 0;
    expect(classify(facts(), TIMING, { heardSince: 0, now: at - 1 }).state).toBe("passed");
    expect(classify(facts(), TIMING, { heardSince: 0, now: at }).state).toBe("stale");
  });

  it("is none when nothing changes by time", () => {
    expect(nextDeadline([classify(facts({ silent: true }), TIMING, HEARING)])).toBeUndefined();
  });
});

/**
 * The table again, told from the other end: by the words that each status stands for, and by trying every outcome that the
 * pending clusters could have instead of only the two extremes.
 */
function oracle(p: number, f: number, t: number, n: number): "Unknown" | "Unhealthy" | "Healthy" | "Degraded" | "as before" {
  const without = (passes: number, fails: number): "Unknown" | "Unhealthy" | "Healthy" | "Degraded" => {
    if (passes > 0 && fails === 0 && t === 0) return "Healthy";
    if (passes > 0) return "Degraded";
    return fails > 0 ? "Unhealthy" : "Unknown";
  };
  if (p + f + t + n === 0) return "Unknown";
  const outcomes = new Set(Array.from({ length: n + 1 }, (_none, passing) => without(p + passing, f + n - passing)));
  const [only] = outcomes;
  return outcomes.size === 1 && only !== undefined ? only : "as before";
}

function* fourNumbersUpTo(most: number): Generator<[number, number, number, number]> {
  const base = most + 1;
  for (let code = 0; code < base ** 4; code++) yield [code % base, Math.floor(code / base) % base, Math.floor(code / base ** 2) % base, Math.floor(code / base ** 3)];
}

describe("the verdict", () => {
  it("is the table's for every number of passed, failed, stale and pending clusters up to 4", () => {
    let seen = 0;
    for (const [p, f, t, n] of fourNumbersUpTo(4)) {
      const clusters = fleet({ passed: p, failed: f, stale: t, pending: n });
      const wanted = oracle(p, f, t, n);
      const judged = judge({ clusters, noClusterReason: "none", previous: { status: "Degraded", errorMessage: "as it was" } });
      expect(judged.status, `${p} ${f} ${t} ${n}`).toBe(wanted === "as before" ? "Degraded" : wanted);
      expect(judged.errorMessage === "as it was").toBe(wanted === "as before");
      expect(judge({ clusters, noClusterReason: "none", previous: undefined }).status).toBe(wanted === "as before" ? "Unknown" : wanted);
      expect(judged.counts).toEqual({ total: p + f + t + n, healthy: p, failed: f, stale: t, pending: n });
      seen += 1;
    }
    expect(seen).toBe(625);
  });

  it.each([
    ["without a cluster", { passed: 0, failed: 0, stale: 0, pending: 0 }, "No cluster is assigned: no registered cluster."],
    ["new", { passed: 1, failed: 0, stale: 0, pending: 2 }, "Waiting for the first result of 2 clusters."],
    ["without any result", { passed: 0, failed: 0, stale: 3, pending: 0 }, "No current result from any of 3 clusters."],
    ["failed everywhere", { passed: 0, failed: 3, stale: 0, pending: 0 }, "All 3 clusters failed. Last error: boom"],
    ["failed where known", { passed: 0, failed: 2, stale: 1, pending: 0 }, "Healthy: 0/3 clusters. Last error: boom"],
    ["healthy", { passed: 3, failed: 0, stale: 0, pending: 0 }, ""],
    ["partly failed", { passed: 2, failed: 1, stale: 0, pending: 0 }, "Healthy: 2/3 clusters. Last error: boom"],
    ["partly silent", { passed: 2, failed: 0, stale: 1, pending: 0 }, "Healthy: 2/3 clusters. Last error: c-2: no result for 75 s"],
    ["decided already", { passed: 1, failed: 1, stale: 0, pending: 1 }, "Healthy: 1/3 clusters. Last error: boom"],
  ])("says of a monitor that is %s: %s", (_what, counts, wanted) => expect(message(fleet(counts))).toBe(wanted));

  it("names the newest failure, and of two at once the first cluster's", () => {
    expect(message([failed("a", "old", 1), failed("b", "new", 2), failed("c", "older", 0)])).toContain("Last error: new");
    expect(message([failed("b", "second", 2), failed("a", "first", 2)])).toContain("Last error: first");
  });

  it("names the failure for which a cluster still counts as failed, by that failure's time", () => {
    const recovering = result({ endedAt: 9, damping: { passed: false, recent: "1", failure: { endedAt: 2, error: { code: "TIMEOUT", message: "no answer" } } } });
    expect(message([inState("failed", "a", recovering), failed("b", "newer", 3)])).toContain("Last error: newer");
    expect(message([inState("failed", "a", recovering), failed("b", "older", 1)])).toContain("Last error: TIMEOUT: no answer");
  });

  it("says why a check is not probed, and of a silent cluster that there is no result", () => {
    const stale: ClassifiedCluster = { ...inState("stale", "b"), skipped: "overloaded" };
    expect(message([inState("passed", "a"), stale])).toBe("Healthy: 1/2 clusters. Last error: b: skipped by the agent: overloaded");
    expect(message([inState("passed", "a"), { ...stale, silent: true }])).toBe("Healthy: 1/2 clusters. Last error: b: no result for 75 s");
    expect(message([inState("passed", "a"), { ...stale, skipped: "unreadable" }])).toContain("b: skipped by the agent: the assignment cannot be read");
  });

  it("counts the clusters that are waited for anew, and does not keep a verdict over no cluster", () => {
    const two = fleet({ passed: 0, failed: 0, stale: 0, pending: 2 });
    expect(message(two, { status: "Unknown", errorMessage: "Waiting for the first result of 3 clusters." })).toBe("Waiting for the first result of 2 clusters.");
    expect(message(two, { status: "Unknown", errorMessage: "No cluster is assigned: x." })).toBe("Waiting for the first result of 2 clusters.");
    expect(message(two, { status: "Unknown", errorMessage: "No current result from any of 2 clusters." })).toBe("No current result from any of 2 clusters.");
  });
});
