import { describe, expect, it } from "vitest";
import { textAt } from "../../kit/json.ts";
import { monitor } from "../../kit/monitor.ts";
import { activeHub } from "../../kit/sandbox.ts";
import { withStage } from "../../kit/suite.ts";
import { answers } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";
import { needsObservers } from "../../sandbox/test-needs.ts";
import { leaks, type LeakStage, logged, openLeakStage, owned, passed, reasonsOf, untilAlert, untilLeaks, untilReasons, untilResolved } from "./support.ts";

/** One runs in all clusters, the other in eu-1 alone: each verdict of the latter is one step. */
const MONITORS = ["default/shop", "default/solo"];
const CLUSTERS = ["eu-1", "us-1", "ap-1"];
const GONE = { name: "gone", uid: "00000000-0000-4000-8000-00000000dead" };
const SECRETS = "api/v1/namespaces/default/secrets";
const CONFIG_MAPS = "api/v1/namespaces/default/configmaps";
const BINDING = "apis/rbac.authorization.k8s.io/v1/clusterrolebindings/http-monitor-operator-leaks";

let stage: LeakStage;

withStage(
  async () => (stage = await openLeakStage()),
  async ({ api, target }) => {
    for (const path of ["/shop", "/solo"]) target.behave(path, answers(200));
    for (const cluster of CLUSTERS) await api.patchRegistration(cluster, { spec: { heartbeat: { interval: "1s", grace: "2s" } } });
    await api.apply(monitor("shop", { url: target.url("/shop") }), monitor("solo", { url: target.url("/solo") }, { placement: { clusters: "eu-1" } }));
    for (const key of MONITORS) await api.untilVerdict(key, "Healthy");
    for (const cluster of CLUSTERS) await waitUntil({ what: `${cluster} to beat every second`, timeoutMs: 60_000 }, async () => (await api.registration(cluster))?.status?.heartbeatInterval === "1s");
  },
  needsObservers,
);

describe("Events on a monitor", () => {
  it("are none for its first verdict, and one for each transition", async () => {
    expect(await reasonsOf(stage, "default/solo")).toEqual([]);
    stage.target.behave("/solo", answers(500));
    await stage.api.untilVerdict("default/solo", "Unhealthy");
    await untilReasons(stage, "default/solo", ["Warning Unhealthy x1"]);
    const [event] = await stage.api.eventsAbout("default/solo");
    expect(textAt(event, "message")).toBe("All 1 clusters failed. Last error: unexpected status code: got 500, expected 200");
    stage.target.behave("/solo", answers(200));
    await stage.api.untilVerdict("default/solo", "Healthy");
    await untilReasons(stage, "default/solo", ["Warning Unhealthy x1", "Normal Healthy x1"]);
  });

  it("tell once that no cluster fits, and when one does", async () => {
    await stage.api.apply(monitor("nowhere", { url: stage.target.url("/shop") }, { placement: { regions: "mars" } }));
    await untilReasons(stage, "default/nowhere", ["Warning NoClusterMatched x1"]);
    await stage.api.patchMonitor("default/nowhere", { metadata: { annotations: { "monitoring.example.com/regions": "eu-west-1" } } });
    await stage.api.untilVerdict("default/nowhere", "Healthy");
    await untilReasons(stage, "default/nowhere", ["Warning NoClusterMatched x1", "Normal Assigned x1"]);
  });

  it("are none for a cluster's silence: that is one on its ClusterRegistration", async () => {
    await stage.sandbox.pause("agent-eu-1");
    await untilReasons(stage, "default/eu-1", ["Warning ClusterSilent x1"]);
    await stage.api.untilVerdict("default/shop", "Degraded");
    await stage.api.untilVerdict("default/solo", "Unknown");
    await stage.sandbox.resume("agent-eu-1");
    await untilReasons(stage, "default/eu-1", ["Warning ClusterSilent x1", "Normal ClusterAvailable x1"]);
    for (const key of MONITORS) await stage.api.untilVerdict(key, "Healthy");
    // Events are written in order: one that is told proves that none before it waits.
    stage.target.behave("/solo", answers(500));
    await untilReasons(stage, "default/solo", ["Warning Unhealthy x1", "Normal Healthy x1", "Warning Unhealthy x1"]);
    expect(await reasonsOf(stage, "default/shop")).toEqual([]);
  });

  it("are not told again by a hub that starts, which tells what comes then", async () => {
    const before = await reasonsOf(stage, "default/solo");
    const hub = stage.sandbox.state.hubs[0]?.name ?? "";
    await stage.sandbox.kill(hub);
    await stage.sandbox.restart(hub);
    await activeHub(stage);
    stage.target.behave("/solo", answers(200));
    await stage.api.untilVerdict("default/solo", "Healthy");
    await untilReasons(stage, "default/solo", [...before, "Normal Healthy x1"]);
    expect(await reasonsOf(stage, "default/nowhere")).toHaveLength(2);
    expect(await reasonsOf(stage, "default/shop")).toEqual([]);
  });
});

describe("leaks", () => {
  it("are none while everything belongs to somebody", async () => {
    const uid = (await stage.api.monitor("default/shop"))?.metadata.uid ?? "";
    await stage.api.apply(owned("Secret", "in-use", { name: "shop", uid }), { apiVersion: "v1", kind: "Secret", metadata: { name: "of-the-team", namespace: "default" } });
    await waitUntil({ what: "several looks", timeoutMs: 60_000 }, passed(4000));
    for (const resource of ["secret", "configmap", "assignment", "finalizer"]) expect(await leaks(stage, resource)).toEqual({ found: 0, now: 0 });
    expect(await stage.observers.held()).toEqual([]);
  });

  it("of Secrets are counted once each, told on the Secret, and are one alert, which is resolved when they are gone", async () => {
    await stage.api.apply(owned("Secret", "left-behind", GONE));
    await untilLeaks(stage, "secret", { found: 1, now: 1 });
    await untilReasons(stage, "default/left-behind", ["Warning Orphaned x1"]);
    await untilAlert(stage, "OrphanedResources", "secret", "Found 1 orphaned secrets");
    await stage.api.apply(owned("Secret", "left-behind-too", GONE));
    await untilLeaks(stage, "secret", { found: 2, now: 2 });
    await untilAlert(stage, "OrphanedResources", "secret", "Found 2 orphaned secrets");
    await waitUntil({ what: "several looks", timeoutMs: 60_000 }, passed(4000));
    expect(await leaks(stage, "secret")).toEqual({ found: 2, now: 2 });
    await untilReasons(stage, "default/left-behind", ["Warning Orphaned x1"]);
    // It only reports.
    expect(await stage.sandbox.kube.client.get(`${SECRETS}/left-behind`)).toBeDefined();
    for (const name of ["left-behind", "left-behind-too"]) await stage.sandbox.kube.client.delete(`${SECRETS}/${name}`);
    await untilLeaks(stage, "secret", { found: 2, now: 0 });
    await untilResolved(stage, "OrphanedResources", "secret");
  });

  it("of a finalizer are seen while NATS is away for too long, and resolved when the cleanup has ended", async () => {
    await stage.sandbox.kill("nats-server");
    await stage.api.deleteMonitor("default/nowhere");
    await untilLeaks(stage, "finalizer", { found: 1, now: 1 });
    await untilReasons(stage, "default/nowhere", ["Warning NoClusterMatched x1", "Normal Assigned x1", "Warning StuckFinalizer x1"]);
    await untilAlert(stage, "StuckFinalizers", "finalizer", "Found 1 resources with stuck finalizers");
    await stage.sandbox.restart("nats-server");
    await stage.api.untilGone("default/nowhere");
    await untilLeaks(stage, "finalizer", { found: 1, now: 0 });
    await untilResolved(stage, "StuckFinalizers", "finalizer");
  });

  it("are told again to an Alertmanager that was away", async () => {
    await stage.observers.parts.kill("alertmanager");
    await stage.api.apply(owned("ConfigMap", "left-behind", GONE));
    await untilLeaks(stage, "configmap", { found: 1, now: 1 });
    await waitUntil({ what: "the hub to notice", timeoutMs: 60_000 }, async () => (await logged(stage, "Alerts could not be sent, they are told again at the next look")).length > 0);
    await stage.observers.parts.restart("alertmanager");
    await untilAlert(stage, "OrphanedResources", "configmap", "Found 1 orphaned configmaps");
    await stage.sandbox.kube.client.delete(`${CONFIG_MAPS}/left-behind`);
    await untilResolved(stage, "OrphanedResources", "configmap");
  });

  it("of Secrets are left out, which is said once, where the hub may not list Secrets", async () => {
    await stage.sandbox.kube.client.delete(BINDING);
    const refused = "Leaks of a kind cannot be looked for";
    await waitUntil({ what: "the refusal to be said", timeoutMs: 60_000 }, async () => (await logged(stage, refused)).length > 0);
    await stage.api.apply(owned("Secret", "unseen", GONE), owned("ConfigMap", "seen", GONE));
    await untilLeaks(stage, "configmap", { found: 2, now: 1 });
    expect(await leaks(stage, "secret")).toEqual({ found: 2, now: 0 });
    expect(await logged(stage, refused)).toMatchObject([{ level: "warn", resource: "secret", error_type: "FORBIDDEN" }]);
  });
});
