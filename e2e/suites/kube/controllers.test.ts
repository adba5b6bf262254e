import { systemClock } from "@sightline/shared";
import { type ClusterRegistration, type HTTPMonitor, MONITOR_FINALIZER, type MonitorPolicy, parseClusterRegistration, parseHTTPMonitor, parseNamespace } from "@sightline/shared/api";
import { silentLogger } from "@sightline/shared/telemetry";
import { encodeHeartbeat, parseHeartbeat } from "@sightline/shared/wire";
import { describe, expect, it } from "vitest";

import { startRegistrationController } from "../../../hub/src/controllers/clusterregistration/setup.ts";
import { resultsLabels, resultsOwner } from "../../../hub/src/controllers/httpmonitor/cleanup.ts";
import { startMonitorController } from "../../../hub/src/controllers/httpmonitor/setup.ts";
import type { KubeClient } from "../../../hub/src/kube/client.ts";
import { ConfigMaps } from "../../../hub/src/kube/config-maps.ts";
import { createEvent } from "../../../hub/src/kube/events.ts";
import { Informer } from "../../../hub/src/kube/informer.ts";
import { kubeSource } from "../../../hub/src/kube/object-source.ts";
import { CLUSTER_REGISTRATIONS, collectionPath, HTTP_MONITORS, keyOf, NAMESPACES, objectPath } from "../../../hub/src/kube/resources.ts";
import { KubeWriter } from "../../../hub/src/kube/writes.ts";
import { PlanRegistry } from "../../../hub/src/monitors/registry.ts";
import { Heartbeats } from "../../../hub/src/agents/heartbeats.ts";
import { FakeAssignments } from "../../../hub/src/testing/fake-assignments.ts";
import { FixedLister } from "../../../hub/src/testing/fixed-lister.ts";
import { heartbeat } from "../../../hub/src/testing/heartbeats.ts";
import { idleMetrics } from "../../../hub/src/testing/metrics.ts";
import { NO_SECRETS } from "../../../hub/src/testing/no-secrets.ts";
import { OPEN_GUARD } from "../../../hub/src/testing/open-guard.ts";
import { listAt, textAt } from "../../kit/json.ts";
import { waitUntil } from "../../kit/wait.ts";
import { kubeBench, QUICK_SOURCE, seenOf } from "./support.ts";

const bench = kubeBench();
const INFORMER_TIMING = { backoffBaseMs: 50, backoffMaxMs: 500, listGapMs: 0, staleMs: 5000, relistMs: 600_000 };

/** The Kubernetes side of a hub, over a given client and given assignments. */
class TestHub {
  readonly registry = new PlanRegistry();
  readonly changed: string[] = [];
  readonly removed: string[] = [];
  readonly consumers = new Set<string>();
  readonly monitors: Informer<HTTPMonitor>;
  readonly registrations: Informer<ClusterRegistration>;
  readonly heartbeats: Heartbeats;
  readonly #controllers: { stop(): Promise<void> }[];

  constructor(client: KubeClient, assignments: FakeAssignments) {
    const metrics = idleMetrics();
    const common = { clock: systemClock, random: Math.random, logger: silentLogger, metrics };
    const writer = new KubeWriter(client);
    this.monitors = new Informer({ ...common, timing: INFORMER_TIMING, resource: "httpmonitor", source: kubeSource(client, HTTP_MONITORS, QUICK_SOURCE), parse: parseHTTPMonitor });
    this.registrations = new Informer({ ...common, timing: INFORMER_TIMING, resource: "clusterregistration", source: kubeSource(client, CLUSTER_REGISTRATIONS, QUICK_SOURCE), parse: parseClusterRegistration });
    const namespaces = new Informer({ ...common, timing: INFORMER_TIMING, resource: "namespace", source: kubeSource(client, NAMESPACES, QUICK_SOURCE), parse: parseNamespace });
    const { monitors, registrations, registry } = this;
    const registrationController = startRegistrationController({
      ...common,
      registrations,
      assignments,
      writer,
      heartbeats: (this.heartbeats = new Heartbeats(systemClock, (cluster) => registrationController.enqueue(cluster))),
      ensureConsumer: (cluster) => Promise.resolve(void this.consumers.add(cluster)),
      removeCluster: (cluster) => Promise.resolve(void this.removed.push(cluster)),
      shutOut: async () => undefined,
      letIn: async () => undefined,
      recordEvent: async (note) => void (await createEvent(client, note)),
    });
    const monitorController = startMonitorController({
      ...common,
      monitors,
      registrations,
      namespaces,
      registry,
      assignments,
      writer,
      configMaps: new ConfigMaps(client),
      forget: () => undefined,
      defaults: { intervalMs: 30_000, timeoutMs: 5000 },
      secrets: NO_SECRETS,
      policies: new FixedLister<MonitorPolicy>(),
      guard: OPEN_GUARD,
      resyncMs: 500,
      planChanged: (plan) => void this.changed.push(keyOf(plan)),
    });
    this.#controllers = [monitorController, registrationController, namespaces];
    monitors.start();
    namespaces.start();
    registrations.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#controllers.map((controller) => controller.stop()));
    await Promise.all([this.monitors.stop(), this.registrations.stop()]);
  }
}

function startHub(client = bench.client(), assignments = new FakeAssignments()): { hub: TestHub; assignments: FakeAssignments } {
  const hub = new TestHub(client, assignments);
  bench.cleanUp(() => hub.stop());
  return { hub, assignments };
}

/** Registers a cluster for this test; it is removed afterwards, whether or not a hub runs then. */
async function register(name: string, spec: ClusterRegistration["spec"] = { accepted: true }): Promise<void> {
  const body = { apiVersion: CLUSTER_REGISTRATIONS.apiVersion, kind: CLUSTER_REGISTRATIONS.kind, metadata: { name }, spec };
  await bench.client().request({ action: "register", method: "POST", path: collectionPath(CLUSTER_REGISTRATIONS), body });
  bench.cleanUp(async () => {
    if ((await registration(name)) === undefined) return;
    await bench.patch(CLUSTER_REGISTRATIONS, name, { metadata: { finalizers: [] } });
    await unregister(name);
  });
}

async function unregister(name: string): Promise<void> {
  await bench.kube().kube.client.delete(objectPath(CLUSTER_REGISTRATIONS, { name }).slice(1));
  await until(`${name} to be gone`, async () => (await registration(name)) === undefined);
}

async function registration(name: string): Promise<unknown> {
  return await bench.kube().kube.client.get(objectPath(CLUSTER_REGISTRATIONS, { name }).slice(1));
}

async function until(what: string, check: () => boolean | Promise<boolean>): Promise<void> {
  await waitUntil({ what, timeoutMs: 30_000 }, check);
}

const removeMonitor = (name: string): Promise<void> => bench.kube().kube.client.delete(objectPath(HTTP_MONITORS, { namespace: bench.namespace(), name }).slice(1));
const conditionOf = (object: unknown, type: string): unknown => listAt(object, "status", "conditions").find((condition) => textAt(condition, "type") === type);

describe("the monitor controller", () => {
  it("takes a monitor from its creation over a move to its end", async () => {
    const { hub, assignments } = startHub();
    await register("eu-1", { accepted: true, region: "eu" });
    await register("us-1", { accepted: true, region: "us" });
    const { uid } = seenOf(await bench.createMonitor("front"));
    await until("both clusters", () => assignments.clustersOf(uid).size === 2);
    expect(listAt(await bench.getMonitor("front"), "metadata", "finalizers")).toEqual([MONITOR_FINALIZER]);

    await bench.patch(HTTP_MONITORS, "front", { metadata: { annotations: { "monitoring.example.com/regions": "us" } } });
    await until("one cluster", () => [...assignments.clustersOf(uid)].join(",") === "us-1");
    await bench.patch(HTTP_MONITORS, "front", { metadata: { annotations: { "monitoring.example.com/regions": "," } } });
    await until("the refusal", () => hub.registry.get(uid)?.assigned.reason === "InvalidPlacement");
    expect([...assignments.clustersOf(uid)]).toEqual(["us-1"]);

    const maps = new ConfigMaps(bench.client());
    const place = { namespace: bench.namespace(), name: "front-results" };
    await maps.create({ ...place, labels: resultsLabels("front"), withoutLabels: [], annotations: {}, owner: resultsOwner({ uid, name: "front" }), data: {} });
    await removeMonitor("front");
    await until("the monitor to be gone", async () => (await bench.getMonitor("front")) === undefined);
    expect([assignments.monitors(), await maps.get(place), hub.registry.get(uid)]).toEqual([[], undefined, undefined]);
  });

  it("withdraws what is assigned to a monitor that no longer exists, and repairs what was changed by hand", async () => {
    const { assignments } = startHub();
    await register("eu-1");
    const { uid } = seenOf(await bench.createMonitor("front"));
    await until("the assignment", () => assignments.clustersOf(uid).size === 1);
    const wanted = assignments.stored.get(uid)?.wanted ?? new Map();
    assignments.stored.set("99999999-0000-4000-8000-000000000000", { uid: "99999999-0000-4000-8000-000000000000", wanted });
    await until("the orphan to be withdrawn", () => assignments.monitors().join(",") === uid);
    assignments.stored.clear();
    await until("the repair", () => assignments.clustersOf(uid).size === 1);
    await removeMonitor("front");
    await until("the monitor to be gone", async () => (await bench.getMonitor("front")) === undefined);
  });

  it("reaches the same end wherever it is killed on the way", async () => {
    await register("eu-1");
    let writes = 0;
    for (let crashed = true; crashed; writes += 1) {
      const assignments = new FakeAssignments();
      const crash = crashAfter(bench.client(), assignments, writes);
      const { hub } = startHub(crash.client, assignments);
      const { uid } = seenOf(await bench.createMonitor("front"));
      await until("a first end, or the crash", () => crash.happened() || assignments.clustersOf(uid).size === 1);
      if (!crash.happened()) await removeMonitor("front");
      await until("the end, or the crash", async () => crash.happened() || (await bench.getMonitor("front")) === undefined);
      await hub.stop();

      crash.heal();
      const { hub: next } = startHub(bench.client(), assignments);
      // Looked at once: a second look may find that the next hub has let it go.
      const found = await bench.getMonitor("front");
      if (found !== undefined) {
        const deleting = textAt(found, "metadata", "deletionTimestamp") !== undefined;
        if (!deleting) await until(`the assignment after a crash at write ${writes}`, () => assignments.clustersOf(uid).size === 1 && next.registry.get(uid) !== undefined);
        await removeMonitor("front");
      }
      await until(`the end after a crash at write ${writes}`, async () => (await bench.getMonitor("front")) === undefined && assignments.monitors().length === 0);
      await next.stop();
      crashed = crash.happened();
    }
    // Finalizer, assignment, withdrawal, finalizer: four places to be killed at, and a run without.
    expect(writes).toBe(5);
  });
});

describe("the registration controller", () => {
  it("shows a cluster's life in its status, and lets it go", async () => {
    const { hub, assignments } = startHub();
    await register("ap-1", { accepted: false, region: "ap" });
    await until("the first status", async () => textAt(conditionOf(await registration("ap-1"), "Accepted"), "status") === "False");
    expect(hub.consumers.has("ap-1")).toBe(false);

    await bench.patch(CLUSTER_REGISTRATIONS, "ap-1", { spec: { accepted: true } });
    await until("the consumer and the head", () => hub.consumers.has("ap-1") && assignments.heads.has("ap-1"));
    hub.heartbeats.heartbeat("ap-1", parseHeartbeat(encodeHeartbeat("ap-1", heartbeat({ sentAt: Date.now() }))));
    await until("Available", async () => textAt(conditionOf(await registration("ap-1"), "Available"), "status") === "True");
    expect(await registration("ap-1")).toMatchObject({ status: { agentVersion: "0.1.0", heartbeatInterval: "10s", heartbeatGrace: "30s", acknowledgedGeneration: 1 } });

    await bench.createMonitor("front");
    await until("the assignment", () => assignments.clusterState("ap-1").assigned === 1);
    await unregister("ap-1");
    expect([hub.removed, assignments.clusterState("ap-1").assigned, hub.heartbeats.get("ap-1")]).toEqual([["ap-1"], 0, undefined]);
    await removeMonitor("front");
    await until("the monitor to be gone", async () => (await bench.getMonitor("front")) === undefined);
  });
});

interface Crash {
  client: KubeClient;
  happened(): boolean;
  heal(): void;
}

/** Lets `writes` writes through (to the API server and to the assignments together), then nothing any more: as a process that was killed. */
function crashAfter(client: KubeClient, assignments: FakeAssignments, writes: number): Crash {
  let left = writes;
  let dead = false;
  const write = (): void => {
    if (left === 0) dead = true;
    if (dead) throw new Error("killed");
    left -= 1;
  };
  assignments.beforeCommit = ({ uid, wanted }) => {
    if (wanted.size !== assignments.clustersOf(uid).size) write();
  };
  return {
    client: {
      config: client.config,
      request: async (request) => {
        if (request.method !== "GET" && request.path.includes("httpmonitors")) write();
        return await client.request(request);
      },
    },
    happened: () => dead,
    heal: () => (assignments.beforeCommit = () => undefined),
  };
}
