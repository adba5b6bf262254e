import { type ConditionState, type HTTPMonitorStatus, setCondition } from "@sightline/shared/api";
import { checkHash } from "@sightline/shared/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pairOf, type PairState } from "../results/pair-state.ts";
import { decideStatus, type StatusDecision } from "../results/status.ts";
import { CHECK, planOver, resultOf } from "../results/testing.ts";
import { monitorEvents, NOTHING_TOLD, type Told, toldBy } from "./monitor-events.ts";

/** What a cluster's agent last said, and whether it still says anything. */
type Report = "pass" | "fail" | "none" | "pass, silent" | "fail, silent" | "none, silent" | "pass, skipped";

interface Turn {
  told: Told;
  status: HTTPMonitorStatus;
  reasons: string[];
}

interface Change {
  assigned?: ConditionState<"Assigned">;
  suspend?: boolean;
  nameTaken?: boolean;
  generation?: number;
  /** Another hub has begun to lead: it knows only what is stored. */
  newTerm?: boolean;
}

/** What it shows, the turns of a monitor's life, and the reasons of the Events that each turn makes. */
type Life = [shows: string, turns: (readonly [readonly Report[], Change?])[], reasons: string[][]];

let at = 1_000_000;

/** The next status of a monitor over clusters that report so, and the Events that it makes. */
function turn(before: Turn | undefined, reports: readonly Report[], change: Change = {}): Turn {
  at += 1000;
  const { status, clusters } = decide(before?.status, reports, change);
  const known = before === undefined ? NOTHING_TOLD : change.newTerm === true ? toldBy(before.status, clusters) : before.told;
  const { told, events } = monitorEvents(known, status, clusters);
  return { told, status, reasons: events.map(({ reason }) => reason) };
}

function decide(previous: HTTPMonitorStatus | undefined, reports: readonly Report[], { assigned, suspend = false, generation = 1, nameTaken = false }: Change): Pick<StatusDecision, "status" | "clusters"> {
  const names = reports.map((_report, index) => `c${index}`);
  const of = (cluster: string): Report => reports[names.indexOf(cluster)] ?? "none";
  const decision = decideStatus({
    plan: planOver(names, { suspend, generation, ...(assigned === undefined ? {} : { assigned }) }, at - 1000),
    pairs: new Map(names.filter((name) => !of(name).startsWith("none")).map((name) => [name, pairThat(of(name).startsWith("pass"))])),
    liveness: (cluster) => ({ available: !of(cluster).endsWith("silent"), lastHeartbeatAt: at, clockOffsetMs: 0 }),
    notProbed: { reason: (cluster) => (of(cluster).endsWith("skipped") ? "overloaded" : undefined) },
    acknowledged: () => ({ epoch: 1, generation: 1 }),
    previous,
    moment: { now: at, heardSince: 0 },
  });
  const published: ConditionState = { type: "ResultsPublished", status: nameTaken ? "False" : "True", reason: nameTaken ? "NameTaken" : "Published", message: "" };
  return { clusters: decision.clusters, status: { ...decision.status, conditions: setCondition(decision.status.conditions ?? [], published, at) } };
}

function pairThat(success: boolean): PairState {
  return pairOf(resultOf({ checkHash: checkHash(CHECK), endedAt: at - 500, success }), { storedAt: at, clockOffsetMs: 0 });
}

/** The Events of a life, turn by turn. */
function told(...turns: Life[1]): string[][] {
  let last: Turn | undefined;
  return turns.map(([reports, change]) => (last = turn(last, reports, change)).reasons);
}

const unmatched: ConditionState<"Assigned"> = { type: "Assigned", status: "False", reason: "NoClusterMatched", message: "no cluster matches" };
const misread: ConditionState<"Assigned"> = { type: "Assigned", status: "False", reason: "InvalidPlacement", message: "tier in (" };

describe("Events of a verdict", () => {
  it.each<Life>([
    ["the first one is no transition, good or bad", [[["none", "none"]], [["fail", "fail"]]], [[], []]],
    ["one per transition", [[["pass", "pass"]], [["fail", "pass"]], [["fail", "fail"]], [["pass", "pass"]]], [[], ["Degraded"], ["Unhealthy"], ["Healthy"]]],
    ["none while the verdict stays", [[["pass", "pass"]], [["fail", "pass"]], [["pass", "fail"]]], [[], ["Degraded"], []]],
    ["none for a silent cluster, nor for its return", [[["pass", "pass"]], [["pass", "pass, silent"]], [["pass, silent", "pass, silent"]], [["pass", "pass"]]], [[], [], [], []]],
    ["one for a target that fails while a cluster is silent, and one when it is mended", [[["pass", "pass"]], [["pass, silent", "pass"]], [["pass, silent", "fail"]], [["pass", "fail"]], [["pass", "pass"]]], [[], [], ["Unhealthy"], ["Degraded"], ["Healthy"]]],
    ["one for what shows when a silent cluster is back", [[["pass", "pass"]], [["pass, silent", "pass"]], [["fail", "pass"]]], [[], [], ["Degraded"]]],
    ["none for new clusters that never reported", [[["pass"]], [["pass", "none, silent"]]], [[], []]],
    ["one for checks that an agent says it skips", [[["pass", "pass"]], [["pass", "pass, skipped"]], [["pass", "pass"]]], [[], ["Degraded"], ["Healthy"]]],
    ["none while suspended", [[["pass"]], [["fail"], { suspend: true }], [["fail"]]], [[], [], ["Unhealthy"]]],
    ["none for what the hub before has told", [[["pass"]], [["fail"]], [["fail"], { newTerm: true }]], [[], ["Unhealthy"], []]],
    ["none for the return of a cluster that was silent when the hub changed", [[["pass", "pass"]], [["pass", "pass, silent"]], [["pass", "pass, silent"], { newTerm: true }], [["pass", "pass"]]], [[], [], [], []]],
  ])("%s", (_name, turns, expected) => {
    expect(told(...turns)).toEqual(expected);
  });

  it("carry the sentence of the status, and an identity of their own", () => {
    const good = turn(undefined, ["pass", "pass"]);
    const bad = turn(good, ["pass", "fail"]);
    const { events } = monitorEvents(good.told, bad.status, []);
    expect(events).toEqual([{ reason: "Degraded", message: bad.status.errorMessage, identity: `${bad.status.lastTransitionTime} Degraded` }]);
    expect(monitorEvents(bad.told, good.status, []).events[0]?.message).toBe("Healthy: 2/2 clusters.");
  });

  it("are never made by silence alone, whatever came before", () => {
    const report = fc.constantFrom<Report>("pass", "fail", "pass, silent", "fail, silent");
    fc.assert(
      fc.property(fc.array(fc.tuple(report, report, report), { minLength: 1, maxLength: 8 }), fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), (turns, silent) => {
        let last: Turn | undefined;
        for (const reports of turns) last = turn(last, reports);
        // All are heard: what the target does has been told. Then some fall silent, and come back as they were.
        const heard = (turns.at(-1) ?? []).map((one): Report => (one.startsWith("pass") ? "pass" : "fail"));
        last = turn(last, heard);
        for (const reports of [heard.map((one, index): Report => (silent[index] === true ? `${one === "pass" ? "pass" : "fail"}, silent` : one)), heard]) {
          last = turn(last, reports);
          expect(last.reasons).toEqual([]);
        }
      }),
    );
  });

  it("end with the verdict that stands, once everybody reports", () => {
    const report = fc.constantFrom<Report>("pass", "fail", "pass, silent", "fail, silent", "pass, skipped");
    fc.assert(
      fc.property(fc.array(fc.tuple(report, report), { minLength: 1, maxLength: 10 }), fc.tuple(fc.constantFrom<Report>("pass", "fail"), fc.constantFrom<Report>("pass", "fail")), (turns, end) => {
        let last: Turn | undefined;
        for (const reports of [...turns, end]) last = turn(last, reports);
        expect(last?.told.verdict).toBe(last?.status.status);
      }),
    );
  });
});

describe("Events of placement and results", () => {
  it.each<Life>([
    ["a monitor that no cluster fits is told so, and when one does", [[[], { assigned: unmatched }], [["none"]], [["pass"]]], [["NoClusterMatched"], ["Assigned"], []]],
    ["once while nothing changes, also by the next hub", [[[], { assigned: unmatched }], [[], { assigned: unmatched }], [[], { assigned: unmatched, newTerm: true }]], [["NoClusterMatched"], [], []]],
    ["again for an edit that does not mend it, and for another reason", [[[], { assigned: unmatched }], [[], { assigned: unmatched, generation: 2 }], [["pass"], { assigned: misread, generation: 2 }]], [["NoClusterMatched"], ["NoClusterMatched"], ["InvalidPlacement"]]],
    ["a monitor that loses its last cluster is told once, not twice", [[["pass"]], [[], { assigned: unmatched }]], [[], ["NoClusterMatched"]]],
    ["a name that is taken, once", [[["pass"]], [["pass"], { nameTaken: true }], [["pass"], { nameTaken: true }], [["pass"]]], [[], ["NameTaken"], [], []]],
  ])("%s", (_name, turns, expected) => {
    expect(told(...turns)).toEqual(expected);
  });
});
