import { type ClusterRegistration, type ClusterResult, type HTTPMonitor, PLACEMENT_ANNOTATIONS as ANNOTATIONS } from "@sightline/shared/api";
import { describe, expect, it } from "vitest";
import { monitor, policy, registration } from "../testing/objects.ts";
import { explain, type ExplainedCluster } from "./explain.ts";
import type { RecordView } from "./read-record.ts";
import { renderJson, renderText } from "./render.ts";

const record: RecordView = { author: { name: "jane", uid: "", groups: ["shop"], extra: {} }, time: "2026-01-02T03:04:05.678Z", matches: true, usable: "all" };
/** Of somebody who may read everything. */
const known = { record, policies: [] };

const passed = (clusterID: string): ClusterResult => ({ clusterID, status: "Success", statusCode: 200, duration: "12ms", timestamp: "2026-01-01T00:00:00.000Z" });

function sketch(annotations: Record<string, string> = {}, results: ClusterResult[] = [], change: { spec?: Partial<HTTPMonitor["spec"]>; total?: number } = {}): HTTPMonitor {
  const status = { status: "Healthy" as const, errorMessage: "", observedGeneration: 1, totalClusterCount: change.total ?? results.length, clusterResults: results };
  return monitor({ metadata: { annotations }, status, ...(change.spec === undefined ? {} : { spec: change.spec }) });
}

const fleet: ClusterRegistration[] = [registration("eu-1", { spec: { accepted: true, region: "eu" } }), registration("us-1", { spec: { accepted: true, region: "us" } })];

const why = (clusters: readonly ExplainedCluster[]): string[] => clusters.map(({ cluster, chosen, reason, message }) => `${cluster} ${chosen} ${reason}: ${message}`);

describe("the explanation of a monitor", () => {
  it("says of each cluster whether it was chosen, why or why not, and what it last said", () => {
    const { clusters } = explain({ monitor: sketch({ [ANNOTATIONS.regions]: "eu" }, [passed("eu-1")]), registrations: fleet, namespace: undefined });
    expect(why(clusters)).toEqual(["eu-1 true Chosen: it meets every term", "us-1 false RegionDiffers: its region us is not among eu"]);
    expect(clusters.map(({ last }) => last?.status)).toEqual(["Success", undefined]);
  });

  it.each<[string, Partial<HTTPMonitor["spec"]>, object]>([
    ["no timeout", {}, { interval: "30s", timeout: "5s", timeoutIsDefault: true, expectedStatuses: ["200"], suspended: false }],
    ["a short interval and no timeout", { interval: "2s" }, { interval: "2s", timeout: "2s", timeoutIsDefault: true }],
    ["a timeout", { timeout: "1500ms" }, { timeout: "1.5s", timeoutIsDefault: false }],
    ["a suspension", { suspend: true }, { suspended: true }],
  ])("shows the effective check of one with %s", (_name, spec, expected) => {
    expect(explain({ monitor: sketch({}, [], { spec }), registrations: [], namespace: undefined }).check).toMatchObject(expected);
  });

  it("takes what the status lists as running, as the hub does", () => {
    const tainted = registration("eu-1", { spec: { accepted: true, taints: [{ key: "full", effect: "NoSelectIfNew" }] } });
    expect(explain({ monitor: sketch({}, [passed("eu-1")]), registrations: [tainted], namespace: undefined }).clusters[0]?.chosen).toBe(true);
    expect(explain({ monitor: sketch(), registrations: [tainted], namespace: undefined }).clusters[0]?.reason).toBe("TaintedForNew");
  });

  it("shows a cluster that is gone while the status still has it", () => {
    const { clusters } = explain({ monitor: sketch({}, [passed("old-1")]), registrations: [], namespace: undefined });
    expect(why(clusters)).toEqual(["old-1 false NotRegistered: no cluster of this name is registered any more"]);
  });

  it("says what it cannot know", () => {
    const { notes } = explain({ ...known, monitor: sketch({}, [passed("eu-1")], { total: 2 }), registrations: fleet, namespace: undefined });
    expect(notes).toEqual(["The status lists 1 of 2 clusters: of the others it is not known here that the monitor runs there already."]);
    const changed = sketch();
    changed.metadata.generation = 2;
    expect(explain({ ...known, monitor: changed, registrations: [], namespace: undefined }).notes).toEqual(["The hub has not yet taken the last change of the spec into its status."]);
  });
});

const view = { ...known, monitor: sketch(), registrations: fleet, namespace: undefined };
const notes = (change: Partial<RecordView>): string => explain({ ...view, record: { ...record, ...change } }).notes.join();

describe("the explanation of who may", () => {
  it("names the author, and leaves out what the author may not use", () => {
    const { author, clusters } = explain({ ...view, record: { ...record, usable: new Set(["us-1"]) } });
    expect(author).toEqual({ user: "jane", groups: ["shop"], time: record.time, matches: true });
    expect(clusters.map(({ cluster, reason }) => `${cluster} ${reason}`)).toEqual(["eu-1 NotAuthorized", "us-1 Chosen"]);
  });

  it("says what policies do not allow, and that nothing of it runs then", () => {
    const explanation = explain({ ...view, policies: [policy("slow", { allow: { minInterval: "1h" } })] });
    expect(explanation.violations).toEqual(["security policy violation: MonitorPolicy slow (allow.minInterval): the interval 30s is shorter than 1h"]);
    expect(renderText(explanation)).toMatch(/refused {4}security policy violation: .*\n.*\n {2}runs in {4}0 of 2 clusters/);
  });

  it("says what is not known, or not as it stands", () => {
    expect(notes({})).toBe("");
    expect(notes({ matches: false })).toMatch(/^Its record is not of what stands here: apply it again: /);
    const message = "authorization failed: its record of who asked for it is not signed by this hub, so nothing of it runs; apply it again";
    const conditions = [{ type: "Assigned", status: "False" as const, reason: "NotAuthorized", message, lastTransitionTime: record.time }];
    expect(explain({ ...view, record, monitor: { ...view.monitor, status: { ...view.monitor.status, conditions } } }).notes).toEqual([`The hub, which alone can tell whether the record is genuine, says: ${message}.`]);
    expect(notes({ usable: undefined })).toMatch(/^What its author may use cannot be known here/);
    expect(explain({ monitor: sketch(), registrations: fleet, namespace: undefined }).notes).toEqual([expect.stringMatching(/^Nobody is recorded/), expect.stringMatching(/^Policies may not be read here/)]);
  });
});

describe("the explanation, printed", () => {
  it("is a table for people", () => {
    const text = renderText(explain({ ...known, monitor: sketch({ [ANNOTATIONS.regions]: "eu" }, [passed("eu-1")]), registrations: fleet, namespace: undefined }));
    // Widths of columns are not the matter here.
    expect(text.split("\n").map((line) => line.trim().replaceAll(/ {2,}/g, " | "))).toEqual([
      "HTTPMonitor shop/front",
      "probes | GET https://shop.example.com/ every 30s, timeout 5s (by default: the smaller of the hub's default and the interval), expects 200",
      "placement | regions: eu",
      "asked by | jane (shop) at 2026-01-02T03:04:05.678Z, says its record",
      "status | Healthy",
      "runs in | 1 of 2 clusters",
      "",
      "CLUSTER | CHOSEN | WHY | LAST RESULT",
      "eu-1 | yes | it meets every term | Success, 200, 12ms, 2026-01-01T00:00:00.000Z",
      "us-1 | no | its region us is not among eu | -",
      "",
    ]);
  });

  it("names an annotation that cannot be read, and an empty fleet", () => {
    const text = renderText(explain({ monitor: sketch({ [ANNOTATIONS.maxClusters]: "0" }), registrations: [], namespace: undefined }));
    expect(text).toContain('placement  cannot be read: annotation monitoring.example.com/max-clusters is invalid: "0" is not a whole number from 1, such as 3');
    expect(text).toContain("No cluster is registered.");
  });

  it("is JSON for programs", () => {
    const explanation = explain({ monitor: sketch({}, [passed("eu-1")]), registrations: fleet, namespace: undefined });
    expect(JSON.parse(renderJson(explanation))).toEqual(explanation);
  });
});
