import { type ClusterRegistration, parseClusterRegistration, REGISTRATION_FINALIZER } from "@sightline/shared/api";
import { silentLogger } from "@sightline/shared/telemetry";
import { ManualClock } from "@sightline/shared/testing";
import { beforeEach, describe, expect, it } from "vitest";
import type { KubeRequest } from "../../kube/client.ts";
import { KubeWriter } from "../../kube/writes.ts";
import { Heartbeats } from "../../agents/heartbeats.ts";
import { FakeAssignments } from "../../testing/fake-assignments.ts";
import { FakeKube } from "../../testing/fake-kube.ts";
import { FixedLister } from "../../testing/fixed-lister.ts";
import { heartbeat } from "../../testing/heartbeats.ts";
import { registration, type RegistrationSketch, uidOf } from "../../testing/objects.ts";
import { RegistrationReconciler } from "./reconciler.ts";

const numbers = { intervalMs: 10_000, graceMs: 30_000 };

class World {
  readonly clock = new ManualClock();
  readonly kube = new FakeKube();
  readonly assignments = new FakeAssignments();
  readonly heartbeats = new Heartbeats(this.clock, () => undefined);
  readonly registrations = new FixedLister<ClusterRegistration>();
  readonly consumers: string[] = [];
  readonly removed: string[] = [];
  readonly doors: string[] = [];
  readonly events: string[] = [];
  readonly reconciler = new RegistrationReconciler({
    registrations: this.registrations,
    heartbeats: this.heartbeats,
    assignments: this.assignments,
    writer: new KubeWriter(this.kube),
    clock: this.clock,
    logger: silentLogger,
    ensureConsumer: (cluster) => Promise.resolve(void this.consumers.push(cluster)),
    removeCluster: (cluster) => Promise.resolve(void this.removed.push(cluster)),
    shutOut: ({ metadata, spec }) => Promise.resolve(void this.doors.push(`shut ${metadata.deletionTimestamp !== undefined || spec.accepted !== true}`)),
    letIn: ({ metadata }) => Promise.resolve(void this.doors.push(`let ${metadata.name} in`)),
    recordEvent: ({ reason }) => Promise.resolve(void this.events.push(reason)),
  });

  constructor() {
    this.set();
    this.heartbeats.register("eu-1", numbers);
    // As the API server does: what was written comes back through the watch.
    this.kube.answers = [(request) => this.#written(request)];
  }

  set({ metadata, ...rest }: RegistrationSketch = {}): void {
    this.registrations.set(registration("eu-1", { ...rest, metadata: { finalizers: [REGISTRATION_FINALIZER], ...metadata } }));
  }

  #written({ path, body }: KubeRequest): unknown {
    const before = this.registrations.get("eu-1");
    if (!path.endsWith("/status") || before === undefined || typeof body !== "object" || body === null || !("status" in body)) return undefined;
    const after = parseClusterRegistration({ ...before, status: body.status });
    this.registrations.set(after);
    return after;
  }

  run(): ReturnType<RegistrationReconciler["reconcile"]> {
    return this.reconciler.reconcile("eu-1");
  }

  beat(sequence: number, generation = 1): void {
    this.heartbeats.heartbeat("eu-1", heartbeat({ sequence, sentAt: this.clock.now(), held: { epoch: 1, generation, count: 0, checksum: "0".repeat(64) } }));
  }

  get status(): ClusterRegistration["status"] {
    return this.registrations.get("eu-1")?.status;
  }

  get statusWrites(): number {
    return this.kube.log.filter((line) => line.endsWith("/status")).length;
  }
}

let world: World;

beforeEach(() => {
  world = new World();
});

describe("a cluster's reconcile", () => {
  it("sets the finalizer first", async () => {
    world.set({ metadata: { finalizers: [] } });
    await world.run();
    expect(world.kube.log[0]).toBe("PATCH /apis/monitoring.example.com/v1/clusterregistrations/eu-1");
    expect(world.kube.requests[0]?.body).toMatchObject({ metadata: { finalizers: [REGISTRATION_FINALIZER] } });
  });

  it("gives an accepted cluster its consumer and its head, and writes the head again only for new settings", async () => {
    await world.run();
    await world.run();
    expect(world.consumers).toEqual(["eu-1", "eu-1"]);
    expect(world.assignments.refreshed).toEqual(["eu-1"]);
    world.set({ spec: { region: "eu-west-1" } });
    await world.run();
    expect(world.assignments.refreshed).toEqual(["eu-1", "eu-1"]);
    world.set({ spec: { region: "eu-west-1", heartbeat: { interval: "5s" } } });
    await world.run();
    expect(world.assignments.refreshed).toHaveLength(3);
    const egress = { allow: ["10.0.0.0/8"], deny: [] };
    for (let round = 0; round < 2; round++) {
      world.set({ spec: { region: "eu-west-1", heartbeat: { interval: "5s" }, egress } });
      await world.run();
    }
    expect(world.assignments.refreshed).toHaveLength(4);
  });

  it("gives nothing to a cluster that is not accepted", async () => {
    world.set({ spec: { accepted: false } });
    await world.run();
    expect([world.consumers, world.assignments.refreshed]).toEqual([[], []]);
    expect(world.status?.conditions?.[0]).toMatchObject({ type: "Accepted", status: "False" });
  });

  it("shuts out whom it does not accept, and tells once when it does", async () => {
    world.set({ spec: { accepted: false } });
    await world.run();
    expect(world.doors).toEqual(["shut true"]);
    world.set({ spec: { accepted: true }, status: world.status ?? {} });
    await world.run();
    await world.run();
    expect(world.doors).toEqual(["shut true", "shut false", "let eu-1 in", "shut false"]);
  });

  it("writes nothing when nothing is new", async () => {
    world.beat(1);
    await world.run();
    await world.run();
    expect(world.statusWrites).toBe(1);
  });

  it("writes a fleet's heartbeats once a minute, an acknowledgement after 5 s, and silence at once", async () => {
    world.beat(1);
    await world.run();
    await world.clock.advance(10_000);
    world.beat(2);
    expect(await world.run()).toEqual({ requeueAfterMs: 15_000 });
    expect(world.statusWrites).toBe(1);
    world.beat(3, 2);
    await world.run();
    expect([world.statusWrites, world.status?.acknowledgedGeneration]).toEqual([2, 2]);
    world.beat(4, 3);
    expect(await world.run()).toEqual({ requeueAfterMs: 5000 });
    await world.clock.advance(41_000);
    world.heartbeats.advance();
    await world.run();
    expect(world.statusWrites).toBe(3);
    expect(world.status?.conditions?.[2]).toMatchObject({ type: "Available", status: "Unknown", reason: "Silent" });
  });

  it("makes one event when the cluster turns silent, and one when it is back", async () => {
    world.beat(1);
    await world.run();
    await world.clock.advance(41_000);
    world.heartbeats.advance();
    await world.run();
    await world.run();
    expect(world.events).toEqual(["ClusterSilent"]);
    world.beat(2);
    await world.run();
    expect(world.events).toEqual(["ClusterSilent", "ClusterAvailable"]);
  });

  it("keeps what it said of the assignments until they have been read", async () => {
    world.set({ status: { assignedMonitors: 7, assignedEpoch: 3, assignedGeneration: 9 } });
    world.assignments.ready = false;
    expect(await world.run()).toEqual({ again: true, requeueAfterMs: 1000 });
    expect(world.status).toMatchObject({ assignedMonitors: 7, assignedGeneration: 9 });
    expect(world.consumers).toEqual([]);
  });
});

function startDeletion(): void {
  world.set({ metadata: { deletionTimestamp: new Date(world.clock.now()).toISOString() } });
}

describe("a cluster's end", () => {

  it("waits until its monitors are elsewhere, then removes it and lets it go", async () => {
    world.beat(1);
    const assignment = { uid: uidOf(1), namespace: "shop", name: "front", checkHash: "h", check: { url: "http://x/", method: "GET", headers: {}, intervalMs: 1000, timeoutMs: 1000, expectedStatuses: ["200"], redirects: { follow: true, max: 1 }, connection: "Fresh" as const }, suspend: false };
    await world.assignments.apply({ uid: uidOf(1), wanted: new Map([["eu-1", assignment]]) });
    startDeletion();
    expect(await world.run()).toEqual({ again: true, requeueAfterMs: 200 });
    expect(world.removed).toEqual([]);
    await world.assignments.apply({ uid: uidOf(1), wanted: new Map() });
    expect(await world.run()).toEqual({});
    expect(world.removed).toEqual(["eu-1"]);
    expect(world.heartbeats.get("eu-1")).toBeUndefined();
    expect(world.kube.requests.at(-1)?.body).toMatchObject({ metadata: { finalizers: [] } });
  });

  it("does not wait for ever for monitors that cannot be moved", async () => {
    world.assignments.clusterState = () => ({ assigned: 1, head: undefined });
    startDeletion();
    await world.clock.advance(31_000);
    await world.run();
    expect(world.removed).toEqual(["eu-1"]);
  });

  it("is completed also when the registration vanished, once, but never while the list is stale", async () => {
    await world.run();
    world.registrations.delete("eu-1");
    world.registrations.synced = false;
    await world.run();
    expect(world.removed).toEqual([]);
    world.registrations.synced = true;
    await world.run();
    await world.run();
    expect(world.removed).toEqual(["eu-1"]);
  });
});
