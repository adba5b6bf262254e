import { PLACEMENT_ANNOTATIONS, PROBE_REQUEST_ANNOTATION } from "@sightline/shared/api";
import { describe, expect, it } from "vitest";
import type { MonitorPlan } from "../../monitors/plan.ts";
import { NO_SECRETS } from "../../testing/no-secrets.ts";
import { monitor, type MonitorSketch, registration, uidOf } from "../../testing/objects.ts";
import { decide, type Intent, type MonitorView, planOf, refusedPlan, type SealedIntent } from "./decide.ts";

const defaults = { intervalMs: 30_000, timeoutMs: 5000 };
const registrations = [registration("eu-1", { spec: { region: "eu" } }), registration("us-1", { spec: { region: "us" } })];

function intent(sketch: MonitorSketch = {}, running: string[] = []): SealedIntent {
  const decided = decide({ monitor: monitor(sketch), registrations, namespace: undefined, running: new Set(running), defaults });
  return { ...decided, ...NO_SECRETS.seal(monitor(sketch), decided.wanted, []) };
}

const annotated = (annotation: string, text: string): MonitorSketch => ({ metadata: { annotations: { [annotation]: text } } });
const invalid = annotated(PLACEMENT_ANNOTATIONS.clusters, "EU!");

describe("the decision for a monitor", () => {
  it("gives the same assignment to every cluster that placement selects", () => {
    const { wanted, checkHash, assigned } = intent({ metadata: { generation: 4 } });
    expect([...wanted.keys()]).toEqual(["eu-1", "us-1"]);
    expect(wanted.get("eu-1")).toEqual(wanted.get("us-1"));
    expect(wanted.get("eu-1")).toMatchObject({ uid: uidOf(1), namespace: "shop", name: "front", checkHash, suspend: false });
    expect(assigned).toEqual({ type: "Assigned", status: "True", reason: "Assigned", message: "2 clusters are assigned", observedGeneration: 4 });
  });

  it("keeps the check of a suspended monitor, and says that it must not probe", () => {
    expect(intent({ spec: { suspend: true } }).wanted.get("eu-1")).toMatchObject({ suspend: true, check: { url: "https://shop.example.com/" } });
  });

  it("withdraws everything when no cluster matches, and says why", () => {
    const { wanted, assigned, problem } = intent(annotated(PLACEMENT_ANNOTATIONS.regions, "mars"), ["eu-1"]);
    expect(wanted.size).toBe(0);
    expect(assigned).toMatchObject({ status: "False", reason: "NoClusterMatched", message: "none of 2 registered clusters matches (2 in another region)" });
    expect(problem).toBeUndefined();
  });

  it("leaves what runs where it runs when the placement cannot be read, with the present check", () => {
    const { wanted, assigned, problem } = intent({ ...invalid, spec: { url: "https://new.example.com/" } }, ["us-1", "gone-1"]);
    expect([...wanted.keys()]).toEqual(["us-1"]);
    expect(wanted.get("us-1")?.check.url).toBe("https://new.example.com/");
    expect(assigned).toMatchObject({ status: "False", reason: "InvalidPlacement" });
    expect(problem).toContain('"EU!" is not a cluster name or glob');
  });

  it("hands a request for a probe on, as no part of the check", () => {
    const { wanted, checkHash, assigned } = intent(annotated(PROBE_REQUEST_ANNOTATION, "2026-01-02T03:04:05Z"));
    expect(wanted.get("eu-1")?.probeRequestedAt).toBe(Date.UTC(2026, 0, 2, 3, 4, 5));
    expect([checkHash, assigned]).toEqual([intent().checkHash, intent().assigned]);
  });

  it("ignores a request for a probe that cannot be read, and says so without taking anything back", () => {
    const { wanted, assigned, problem } = intent(annotated(PROBE_REQUEST_ANNOTATION, "tomorrow"));
    expect(wanted).toEqual(intent().wanted);
    expect(assigned).toMatchObject({ status: "True", reason: "Assigned" });
    expect(assigned.message).toMatch(/^2 clusters are assigned; annotation .*probe-requested-at is ignored: "tomorrow" is not/);
    expect(problem).toBeUndefined();
  });

  it("starts nothing for a placement that cannot be read", () => expect(intent(invalid).wanted.size).toBe(0));
});

const view = (change: Partial<MonitorView>): Intent => decide({ monitor: monitor(), registrations, namespace: undefined, running: new Set(["eu-1"]), defaults, ...change });

describe("what the guard says of a monitor", () => {
  const refusal = { reason: "PolicyViolation" as const, message: "security policy violation: …", rule: "MonitorPolicy a allow.hosts", withdraw: true };

  it("withdraws it where nothing of it may run", () => {
    const { wanted, assigned } = view({ refusal });
    expect(wanted.size).toBe(0);
    expect(assigned).toMatchObject({ status: "False", reason: "PolicyViolation", message: "security policy violation: …" });
  });

  it("goes on where only a change is not allowed", () => {
    const { wanted, assigned } = view({ refusal: { ...refusal, reason: "NotAuthorized", withdraw: false } });
    expect([[...wanted.keys()], assigned.reason]).toEqual([["eu-1", "us-1"], "NotAuthorized"]);
  });

  it("leaves out clusters that its author may not use, and says which", () => {
    const { wanted, assigned } = view({ author: { name: "jane", usable: new Set(["us-1"]) } });
    expect([...wanted.keys()]).toEqual(["us-1"]);
    expect(assigned.message).toBe("1 cluster is assigned; left out, since jane may not use it: eu-1 (verb use on clusterregistrations.monitoring.example.com)");
  });
});

function plan(sketch: MonitorSketch, generation: number, now: number, previous?: MonitorPlan): MonitorPlan {
  return planOf(monitor(sketch), intent(sketch), { positions: new Map([["eu-1", { epoch: 1, generation }]]), previous, now });
}

describe("the plan of a monitor", () => {
  it("begins now for a new cluster, with the head it stands under", () => {
    expect(plan({}, 7, 1000).clusters).toEqual(new Map([["eu-1", { since: 1000, position: { epoch: 1, generation: 7 } }]]));
  });

  it("keeps its beginning and its head while the check is the same, whatever other monitors do to the head", () => {
    const first = plan({}, 7, 1000);
    expect(plan({ metadata: { generation: 2, labels: { a: "b" } } }, 9, 5000, first).clusters).toEqual(first.clusters);
  });

  it.each<[string, MonitorSketch, MonitorSketch]>([
    ["another check", {}, { spec: { url: "https://new.example.com/" } }],
    ["a suspension", {}, { spec: { suspend: true } }],
    ["a resumption", { spec: { suspend: true } }, {}],
  ])("begins anew with %s", (_name, before, after) => {
    const first = plan(before, 7, 1000);
    expect(plan(after, 8, 5000, first).clusters.get("eu-1")).toEqual({ since: 5000, position: { epoch: 1, generation: 8 } });
  });

  it("keeps its beginning with other thresholds and with a request for a probe: the check is the same", () => {
    const first = plan({}, 7, 1000);
    const changed = plan({ spec: { failureThreshold: { failures: 3, window: 5 }, successThreshold: 2 } }, 8, 5000, first);
    expect(changed).toMatchObject({ checkHash: first.checkHash, thresholds: { failures: 3, window: 5, successes: 2 } });
    expect(changed.clusters).toEqual(first.clusters);
    expect(plan(annotated(PROBE_REQUEST_ANNOTATION, "2026-01-02T03:04:05Z"), 9, 6000, first).clusters).toEqual(first.clusters);
  });

  it("goes on as it was when the change was refused, and says why", () => {
    const first = plan({}, 7, 1000);
    const sketch: MonitorSketch = { spec: { url: "https://new.example.com/" }, metadata: { generation: 2 } };
    const refused = refusedPlan(monitor(sketch), intent(sketch), first, { reason: "TooManyClusters", message: "too many" });
    expect(refused).toMatchObject({ checkHash: first.checkHash, generation: 2, assigned: { status: "False", reason: "TooManyClusters", message: "too many" } });
    expect(refused.clusters).toEqual(first.clusters);
  });
});
