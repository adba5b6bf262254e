import { MONITOR_FINALIZER, type Namespace, PLACEMENT_ANNOTATIONS } from "@sightline/shared/api";
import { formatTraceparent, HeldTrace, inSpan } from "@sightline/shared/telemetry";
import { ManualClock, RecordingTracer } from "@sightline/shared/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { AssignmentError } from "../../assignments/types.ts";
import { ConfigMaps } from "../../kube/config-maps.ts";
import { KubeError } from "../../kube/errors.ts";
import { keyOf } from "../../kube/resources.ts";
import { KubeWriter } from "../../kube/writes.ts";
import { PlanRegistry } from "../../monitors/registry.ts";
import type { Ruling } from "../../security/guard.ts";
import { FakeAssignments } from "../../testing/fake-assignments.ts";
import { FakeKube } from "../../testing/fake-kube.ts";
import { FixedLister } from "../../testing/fixed-lister.ts";
import { NO_SECRETS } from "../../testing/no-secrets.ts";
import { monitor, namespace, registration, uidOf } from "../../testing/objects.ts";
import { RecordingLogger } from "../../testing/recording-logger.ts";
import { MonitorCleanup, resultsLabels } from "./cleanup.ts";
import { MESSAGES } from "../../telemetry/messages.ts";
import { MonitorReconciler } from "./reconciler.ts";

class World {
  readonly clock = new ManualClock();
  readonly kube = new FakeKube();
  readonly assignments: FakeAssignments;
  readonly registry = new PlanRegistry();
  readonly monitors = new FixedLister([monitor({ metadata: { finalizers: [MONITOR_FINALIZER] } })]);
  readonly registrations = new FixedLister([registration("eu-1"), registration("us-1")]);
  readonly namespaces = new FixedLister<Namespace>();
  readonly changed: string[] = [];
  readonly forgotten: string[] = [];
  readonly logger = new RecordingLogger();
  /** What the guard says other than that all may run. */
  ruling: Partial<Ruling> = {};
  readonly cleanup: MonitorCleanup;
  readonly reconciler: MonitorReconciler;
  secretsRead = true;

  constructor(assignments = new FakeAssignments()) {
    this.assignments = assignments;
    const writer = new KubeWriter(this.kube);
    const shared = { registry: this.registry, assignments: this.assignments, writer, logger: this.logger };
    this.cleanup = new MonitorCleanup({ ...shared, configMaps: new ConfigMaps(this.kube), forget: (uid, key) => void this.forgotten.push(`${uid} ${key}`) });
    this.reconciler = new MonitorReconciler({
      ...shared,
      monitors: this.monitors,
      registrations: this.registrations,
      namespaces: this.namespaces,
      cleanup: this.cleanup,
      clock: this.clock,
      defaults: { intervalMs: 30_000, timeoutMs: 5000 },
      secrets: { ...NO_SECRETS, valuesOf: () => (this.secretsRead ? [] : undefined) },
      guard: {
        ready: true,
        rule: async ({ monitor: inForce }) => ({ inForce, author: undefined, refusal: undefined, ...this.ruling }),
      },
      resyncMs: 30_000,
      planChanged: (plan) => void this.changed.push(keyOf(plan)),
    });
  }

  set(...sketch: Parameters<typeof monitor>): void {
    const [{ metadata, ...rest } = {}] = sketch;
    this.monitors.set(monitor({ ...rest, metadata: { finalizers: [MONITOR_FINALIZER], ...metadata } }));
  }

  plan(): ReturnType<PlanRegistry["byName"]> {
    return this.registry.byName("shop/front");
  }
}

let world: World;

beforeEach(() => {
  world = new World();
});

const run = (): ReturnType<MonitorReconciler["reconcile"]> => world.reconciler.reconcile("shop/front");

/** Names of the spans of one reconcile that are exported, without any luck. */
async function traced(): Promise<string[]> {
  const tracer = new RecordingTracer();
  const trace = new HeldTrace(tracer, world.clock);
  await inSpan(trace, run);
  trace.end({ name: "reconcile", attributes: {} }, () => false);
  return tracer.names;
}

const configMapPath = "/api/v1/namespaces/shop/configmaps/front-results";

/** The results ConfigMap as the API server would give it. */
function results(labels: Record<string, string>, ownerUid: string): object {
  return { metadata: { namespace: "shop", name: "front-results", uid: "cm-1", resourceVersion: "5", labels, ownerReferences: [{ uid: ownerUid }] } };
}

describe("the trace of a monitor's reconcile", () => {
  it("is kept when it is the first, or changes something, and left to chance else", async () => {
    expect(await traced()).toEqual(["reconcile", "fetch-resource"]);
    expect(await traced()).toEqual([]);
    world.set({ spec: { interval: "10s" } });
    expect(await traced()).toEqual(["reconcile", "fetch-resource"]);
  });

  it("is left to chance in a new term, where all plans are new, but for what had changed meanwhile", async () => {
    await run();
    const { assignments } = world;
    world = new World(assignments);
    expect(await traced()).toEqual([]);
    world = new World(assignments);
    world.set({ spec: { interval: "10s" } });
    expect(await traced()).toEqual(["reconcile", "fetch-resource"]);
  });
});

describe("a monitor's reconcile", () => {
  it("assigns it to the selected clusters, plans it, and comes back after the resync time", async () => {
    expect(await run()).toEqual({ requeueAfterMs: 30_000 });
    expect(world.assignments.clustersOf(uidOf(1))).toEqual(new Set(["eu-1", "us-1"]));
    expect(world.plan()).toMatchObject({ uid: uidOf(1), generation: 1, assigned: { status: "True" } });
    expect(world.changed).toEqual(["shop/front"]);
    expect(world.logger.messages).toEqual([MESSAGES.completed]);
  });

  it("assigns nothing before its secrets were read once, and lets what runs go on", async () => {
    await run();
    world.secretsRead = false;
    expect(await run()).toEqual({ again: true, requeueAfterMs: 1000 });
    expect([world.assignments.applied.length, world.assignments.stored.size]).toEqual([1, 1]);
  });

  it("sets the finalizer before anything is assigned", async () => {
    world.set({ metadata: { finalizers: [] } });
    world.kube.answers = [() => fail(new KubeError("UNAVAILABLE", "down", { retryable: true }))];
    await expect(run()).rejects.toThrow("down");
    expect(world.assignments.applied).toEqual([]);
    expect(world.kube.requests[0]).toMatchObject({ method: "PATCH", body: { metadata: { finalizers: [MONITOR_FINALIZER], resourceVersion: "1" } } });
  });

  it("announces the check before it is committed, and hands the trace on", async () => {
    let accepted = false;
    world.assignments.beforeCommit = ({ wanted }) => (accepted = world.registry.accepts(uidOf(1), wanted.get("eu-1")?.checkHash ?? ""));
    const trace = new HeldTrace(new RecordingTracer(), world.clock);
    await inSpan(trace, run);
    expect(accepted).toBe(true);
    expect(world.assignments.applied[0]?.traceparent).toBe(formatTraceparent(trace.context));
  });

  it("is silent and changes no plan when a resync finds nothing new, though the heads moved on", async () => {
    await run();
    await world.clock.advance(30_000);
    const before = world.plan();
    await run();
    expect(world.plan()).toEqual(before);
    expect(world.changed).toHaveLength(1);
    expect(world.assignments.applied).toHaveLength(2);
  });

  it.each([
    ["the registrations have not been read", (): void => void (world.registrations.synced = false)],
    ["the namespaces have not been read", (): void => void (world.namespaces.synced = false)],
    ["the assignments have not been read", (): void => void (world.assignments.ready = false)],
  ])("does nothing while %s", async (_name, spoil) => {
    spoil();
    expect(await run()).toEqual({ again: true, requeueAfterMs: 1000 });
    expect(world.assignments.applied).toEqual([]);
    expect(world.plan()).toBeUndefined();
  });

  it("plans a monitor that has no cluster, so that it shows why", async () => {
    world.set({ metadata: { annotations: { [PLACEMENT_ANNOTATIONS.clusters]: "" } } });
    await run();
    expect(world.plan()).toMatchObject({ assigned: { status: "False", reason: "InvalidPlacement" } });
    expect(world.plan()?.clusters.size).toBe(0);
    expect(world.logger.messages).toEqual([MESSAGES.selectionFailed, MESSAGES.completed]);
  });

  it("withdraws nothing for a placement that cannot be read, even if the store has lost it", async () => {
    await run();
    world.assignments.stored.clear();
    world.set({ metadata: { generation: 1, annotations: { [PLACEMENT_ANNOTATIONS.regions]: "," } } });
    await run();
    expect(world.assignments.clustersOf(uidOf(1))).toEqual(new Set(["eu-1", "us-1"]));
    expect(world.plan()?.assigned.reason).toBe("InvalidPlacement");
  });

  it("stays where it runs under a taint that only keeps new ones out, even when hub and store have lost their memory", async () => {
    await run();
    const taints = [{ key: "full", effect: "NoSelectIfNew" as const }];
    world.registrations.set(registration("eu-1", { spec: { accepted: true, taints } }));
    world.registrations.set(registration("ap-1", { spec: { accepted: true, taints } }));
    await run();
    expect([...(world.plan()?.clusters.keys() ?? [])]).toEqual(["eu-1", "us-1"]);
    world.registry.delete(uidOf(1));
    world.assignments.stored.clear();
    world.set({ status: { clusterResults: [{ clusterID: "eu-1", status: "Success" }, { clusterID: "us-1", status: "Failed" }] } });
    await run();
    expect([...(world.plan()?.clusters.keys() ?? [])]).toEqual(["eu-1", "us-1"]);
  });

  it("follows its namespace's labels", async () => {
    world.registrations.set(registration("eu-1", { spec: { accepted: true, namespaceSelector: { matchLabels: { tenant: "a" } } } }));
    const clusters = async (): Promise<string[]> => {
      await run();
      return [...(world.plan()?.clusters.keys() ?? [])];
    };
    expect(await clusters()).toEqual(["us-1"]);
    world.namespaces.set(namespace({ tenant: "a" }));
    expect(await clusters()).toEqual(["eu-1", "us-1"]);
    world.namespaces.set(namespace({ tenant: "b" }));
    expect(await clusters()).toEqual(["us-1"]);
  });

  it("follows a cluster that is accepted or goes", async () => {
    await run();
    world.registrations.set(registration("ap-1"));
    world.registrations.set(registration("eu-1", { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } }));
    await run();
    expect([...(world.plan()?.clusters.keys() ?? [])]).toEqual(["ap-1", "us-1"]);
    expect(world.changed).toHaveLength(2);
  });

  it("leaves what ran when the change is more than one transaction holds, tells it, and is terminal", async () => {
    await run();
    const before = world.plan();
    world.assignments.refusal = new AssignmentError("TOO_MANY_CLUSTERS", "6000 clusters are more than one transaction holds");
    world.set({ spec: { url: "https://new.example.com/" }, metadata: { generation: 2 } });
    await expect(run()).rejects.toMatchObject({ code: "TOO_MANY_CLUSTERS", retryable: false });
    expect(world.plan()).toMatchObject({ checkHash: before?.checkHash, generation: 2, assigned: { status: "False", reason: "TooManyClusters" } });
    expect(world.plan()?.clusters).toEqual(before?.clusters);
    expect(world.changed).toHaveLength(2);
  });

  it("keeps the old plan while NATS does not answer", async () => {
    await run();
    const before = world.plan();
    world.assignments.refusal = new AssignmentError("NATS_UNAVAILABLE", "failed to apply to cluster eu-1: timeout");
    world.set({ spec: { url: "https://new.example.com/" } });
    await expect(run()).rejects.toMatchObject({ code: "NATS_UNAVAILABLE", retryable: true });
    expect(world.plan()).toBe(before);
  });
});

describe("what the guard says of a monitor", () => {
  const refusal = { reason: "NotAuthorized" as const, message: "authorization failed: nobody asked for it", rule: "record", withdraw: false };

  it("takes the place of the monitor: what was allowed before goes on, and the status says why", async () => {
    await run();
    const before = world.plan();
    const earlier = monitor();
    world.set({ metadata: { generation: 2 }, spec: { url: "https://new.example.com/" } });
    world.ruling = { inForce: earlier, refusal };
    await run();
    expect(world.plan()).toMatchObject({ generation: 2, checkHash: before?.checkHash, assigned: { status: "False", reason: "NotAuthorized", message: refusal.message } });
    expect(world.plan()?.clusters).toEqual(before?.clusters);
    world.assignments.stored.clear();
    await run();
    expect(world.assignments.stored.get(uidOf(1))?.wanted.get("eu-1")?.check.url).toBe("https://shop.example.com/");
  });
});

describe("a monitor's end", () => {
  const deleting = { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z", resourceVersion: "9" } };

  it("withdraws it everywhere, deletes its ConfigMap, forgets it, and lets it go last", async () => {
    await run();
    world.kube.requests.length = 0;
    world.kube.answers = [({ path, method }) => (path === configMapPath && method === "GET" ? results(resultsLabels("front"), uidOf(1)) : undefined)];
    world.set(deleting);
    expect(await run()).toEqual({});
    expect(world.assignments.monitors()).toEqual([]);
    expect(world.plan()).toBeUndefined();
    expect(world.forgotten).toEqual([`${uidOf(1)} shop/front`]);
    expect(world.kube.log).toEqual([`GET ${configMapPath}`, `DELETE ${configMapPath}`, "PATCH /apis/monitoring.example.com/v1/namespaces/shop/httpmonitors/front"]);
    expect(world.kube.requests[1]?.body).toMatchObject({ preconditions: { uid: "cm-1" } });
    expect(world.kube.requests[2]?.body).toMatchObject({ metadata: { finalizers: [], resourceVersion: "9" } });
    expect(world.logger.messages).toEqual([MESSAGES.completed, MESSAGES.cleaningUp, MESSAGES.cleanupCompleted]);
  });

  it.each([
    ["leaves another owner's ConfigMap", results(resultsLabels("front"), uidOf(2)), false],
    ["deletes its own ConfigMap, also when its labels were edited by hand", results({}, uidOf(1)), true],
  ])("%s", async (_name, stored, deleted) => {
    world.kube.answers = [({ path, method }) => (path === configMapPath && method === "GET" ? stored : undefined)];
    world.set(deleting);
    await run();
    expect(world.kube.log.some((line) => line.startsWith("DELETE"))).toBe(deleted);
  });

  it("is not held by missing rights to the ConfigMap, and says so", async () => {
    world.kube.answers = [({ path }) => (path === configMapPath ? fail(new KubeError("FORBIDDEN", "no rights", { retryable: true })) : undefined)];
    world.set(deleting);
    await run();
    expect(world.kube.log.at(-1)).toMatch(/^PATCH .*httpmonitors\/front$/);
    expect(world.logger.messages).toEqual([MESSAGES.cleaningUp, MESSAGES.configMapCleanupFailed, MESSAGES.cleanupCompleted]);
  });

  it("keeps the finalizer until the assignments are withdrawn", async () => {
    world.assignments.refusal = new AssignmentError("NATS_UNAVAILABLE", "no answer");
    world.set(deleting);
    await expect(run()).rejects.toThrow("no answer");
    expect(world.kube.log).toEqual([]);
    expect(world.logger.messages).toEqual([MESSAGES.cleaningUp, MESSAGES.clusterCleanupFailed]);
  });

  it("needs neither registrations nor a readable placement", async () => {
    world.registrations.synced = false;
    world.set({ metadata: { ...deleting.metadata, annotations: { [PLACEMENT_ANNOTATIONS.clusters]: "" } } });
    await run();
    expect(world.kube.log.at(-1)).toMatch(/^PATCH/);
  });

  it("leaves a monitor alone that others still hold", async () => {
    world.set({ metadata: { ...deleting.metadata, finalizers: ["somebody/else"] } });
    await run();
    expect([world.kube.log, world.assignments.applied]).toEqual([[], []]);
  });

  it("cleans up after a monitor that vanished", async () => {
    await run();
    world.monitors.delete("shop/front");
    expect(await run()).toEqual({});
    expect(world.assignments.monitors()).toEqual([]);
    expect(world.plan()).toBeUndefined();
    expect(world.logger.messages).toEqual([MESSAGES.completed, MESSAGES.notFound]);
  });

  it("cleans up after the former monitor of the name before the new one begins", async () => {
    await run();
    world.set({ metadata: { uid: uidOf(2) } });
    await run();
    expect(world.assignments.monitors()).toEqual([uidOf(2)]);
    expect(world.forgotten).toEqual([`${uidOf(1)} shop/front`]);
    expect(world.plan()?.uid).toBe(uidOf(2));
  });
});

function fail(error: Error): never {
  throw error;
}
