import { afterAll, describe, expect, it } from "vitest";
import { at } from "../../kit/json.ts";
import { monitor } from "../../kit/monitor.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { withStage } from "../../kit/suite.ts";
import { answers, type Target } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";
import { AssignmentView } from "./support.ts";

const FLEET = ["ap-1", "eu-1", "us-1"];
const PATIENCE_MS = 60_000;

/** A cluster leaves the fleet. Whether its agent lives or is dead must make no difference to the hub. */
describe("deleting a ClusterRegistration", () => {
  let stage: Stage;
  let target: Target;
  let assigned: AssignmentView;
  withStage(openStage, async (opened) => {
    stage = opened;
    ({ target } = opened);
    target.behave("/everywhere", answers(200));
    target.behave("/one", answers(200));
    assigned = await AssignmentView.open(stage);
    await stage.api.apply(monitor("everywhere", { url: target.url("/everywhere") }), monitor("one", { url: target.url("/one") }, { placement: { "max-clusters": "1" } }));
    await stage.api.untilStatus("default/everywhere", "Healthy on three", ({ healthy }) => healthy === "3/3");
    await stage.api.untilVerdict("default/one", "Healthy");
  });
  afterAll(async () => await assigned?.[Symbol.asyncDispose]());

  const home = async (): Promise<string> => (await assigned.clustersOf("default/one", FLEET)).join();
  const probedBy = (cluster: string): number => target.seen("/everywhere").filter((request) => request.cluster === cluster).length;

  async function remove(cluster: string): Promise<void> {
    await stage.sandbox.kube.client.delete(`apis/monitoring.example.com/v1/clusterregistrations/${cluster}`);
    await waitUntil({ what: `${cluster} to be gone`, timeoutMs: PATIENCE_MS }, async () => (await stage.api.registration(cluster)) === undefined);
  }

  /** Everything that the hub shows: statuses, ConfigMaps, series, assignments. */
  async function untilForgotten(cluster: string, left: readonly string[]): Promise<void> {
    const status = await stage.api.untilStatus("default/everywhere", `without ${cluster}`, ({ healthy }) => healthy === `${left.length}/${left.length}`);
    expect(status.clusterResults?.map(({ clusterID }) => clusterID)).toEqual(left);
    const keys = left.map((name) => `cluster-${name}.json`);
    await waitUntil({ what: "its entry in the ConfigMap to be gone", timeoutMs: PATIENCE_MS }, async () => Object.keys(at(await stage.api.results("default/everywhere"), "data") ?? {}).toSorted().join() === keys.join());
    expect(await assigned.clustersOf("default/everywhere", FLEET)).toEqual(left);
    const samples = await stage.hubMetrics();
    expect(samples.filter(({ labels }) => labels["cluster"] === cluster)).toEqual([]);
  }

  it("whose agent was killed withdraws, re-places and forgets without it", async () => {
    const cluster = await home();
    expect(FLEET).toContain(cluster);
    await stage.sandbox.kill(stage.sandbox.state.agents.find((agent) => agent.cluster === cluster)?.name ?? "");
    await remove(cluster);
    const left = FLEET.filter((name) => name !== cluster);
    await untilForgotten(cluster, left);
    expect(left).toContain(await home());
    const status = await stage.api.untilStatus("default/one", "Healthy elsewhere", (now) => now.status === "Healthy" && now.clusterResults?.[0]?.clusterID !== cluster);
    expect(status.healthy).toBe("1/1");
  });

  it("whose agent lives ends its probes", async () => {
    const [cluster = ""] = await assigned.clustersOf("default/everywhere", FLEET);
    await waitUntil({ what: `steady probes from ${cluster}`, timeoutMs: PATIENCE_MS }, () => probedBy(cluster) > 3);
    await remove(cluster);
    const removedAt = Date.now();
    await untilForgotten(cluster, await assigned.clustersOf("default/everywhere", FLEET));
    // Three intervals without one, from the removal on.
    await waitUntil({ what: `no more probes from ${cluster}`, timeoutMs: PATIENCE_MS, everyMs: 200 }, () => {
      const last = target.seen("/everywhere").findLast((request) => request.cluster === cluster)?.at ?? 0;
      return Date.now() - Math.max(last, removedAt) > 3000;
    });
    expect(await home()).not.toBe(cluster);
  });

  it("that was the last leaves every monitor without a cluster, and says so", async () => {
    const [cluster = ""] = await assigned.clustersOf("default/everywhere", FLEET);
    await remove(cluster);
    const message = "No cluster is assigned: no cluster is registered.";
    const status = await stage.api.untilStatus("default/everywhere", "nowhere", ({ errorMessage }) => errorMessage === message);
    expect(status).toMatchObject({ status: "Unknown", totalClusterCount: 0 });
  });
});
