import { describe, expect, it } from "vitest";
import { conditionOf } from "../../kit/hub-api.ts";
import { at, textAt } from "../../kit/json.ts";
import { select, sum } from "../../kit/metrics.ts";
import { monitor } from "../../kit/monitor.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { withStage } from "../../kit/suite.ts";
import { answers, failsIn, type Target } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";

/** One monitor's life, from creation to the last trace of it, on a real API server, NATS, hub and three agents. */
describe("a monitor's life", () => {
  let stage: Stage;
  let target: Target;
  const key = "default/shop";

  withStage(openStage, async (opened) => {
    stage = opened;
    ({ target } = opened);
    target.behave("/ok", answers(200));
    target.behave("/broken", answers(500));
    target.behave("/regional", failsIn("us-east-1"));
  });

  it("begins Healthy, with its time, results, finalizer, ConfigMap and metrics", async () => {
    await stage.api.apply(monitor("shop", { url: target.url("/ok") }));
    const status = await stage.api.untilVerdict(key, "Healthy");

    expect(status).toMatchObject({ healthy: "3/3", healthyClusterCount: 3, totalClusterCount: 3, errorMessage: "", observedGeneration: 1 });
    expect(Date.parse(status.lastCheck ?? "")).toBeGreaterThan(0);
    expect(status.clusterResults?.map(({ clusterID, status: result, statusCode }) => [clusterID, result, statusCode])).toEqual([
      ["ap-1", "Success", 200],
      ["eu-1", "Success", 200],
      ["us-1", "Success", 200],
    ]);
    expect(conditionOf(status, "Healthy")?.status).toBe("True");
    expect(conditionOf(status, "Assigned")?.status).toBe("True");
    await stage.api.untilStatus(key, "Ready", (now) => conditionOf(now, "Ready")?.status === "True");
    expect((await stage.api.monitor(key))?.metadata.finalizers).toEqual(["httpmonitor.monitoring.example.com/finalizer"]);
    const samples = await stage.hubMetrics();
    expect(sum(samples, "httpmonitor_status", { monitor: "shop", status: "Healthy" })).toBe(1);
    expect(sum(samples, "httpmonitor_status", { monitor: "shop", status: "Unhealthy" })).toBe(0);
    expect(sum(samples, "httpmonitor_clusters", { monitor: "shop", state: "passed" })).toBe(3);
    expect(sum(samples, "controller_reconcile_total", { controller: "multicluster-httpmonitor", result: "success" })).toBeGreaterThan(0);
  });

  it("publishes each cluster's last result in a ConfigMap of its own", async () => {
    const results = await waitUntil({ what: "the results ConfigMap", timeoutMs: 30_000 }, () => stage.api.results(key));
    expect(at(results, "metadata", "labels")).toMatchObject({
      "app.kubernetes.io/name": "http-monitor",
      "app.kubernetes.io/component": "results",
      "app.kubernetes.io/managed-by": "http-monitor-operator",
      "httpmonitor.monitoring.example.com/name": "shop",
    });
    expect(at(results, "metadata", "ownerReferences", 0)).toMatchObject({ kind: "HTTPMonitor", name: "shop", controller: true });
    const text = textAt(results, "data", "cluster-eu-1.json") ?? "";
    expect(Object.keys(at(JSON.parse(text)) ?? {})).toEqual(["cluster_id", "url", "timestamp", "duration_ms", "status_code", "success", "error"]);
    expect(JSON.parse(text)).toMatchObject({ cluster_id: "eu-1", url: target.url("/ok"), status_code: 200, success: true, error: "" });
  });

  it("becomes Unhealthy when its URL is changed to one that answers 500", async () => {
    await stage.api.apply(monitor("shop", { url: target.url("/broken") }));
    const status = await stage.api.untilVerdict(key, "Unhealthy");
    expect(status.errorMessage).toBe("All 3 clusters failed. Last error: unexpected status code: got 500, expected 200");
    expect(status).toMatchObject({ healthy: "0/3", observedGeneration: 2 });
    expect(status.clusterResults?.[0]).toMatchObject({ status: "Failed", statusCode: 500 });
  });

  it("becomes Degraded when the target fails for one region only", async () => {
    await stage.api.apply(monitor("shop", { url: target.url("/regional") }));
    const status = await stage.api.untilVerdict(key, "Degraded");
    expect(status.errorMessage).toBe("Healthy: 2/3 clusters. Last error: unexpected status code: got 500, expected 200");
    expect(status.clusterResults?.map(({ status: result }) => result)).toEqual(["Success", "Success", "Failed"]);
  });

  it("names the error of a host that does not exist by its code, and counts it as a result, not as a reconcile error", async () => {
    await stage.api.apply(monitor("shop", { url: "http://unreachable.local" }));
    const status = await stage.api.untilVerdict(key, "Unhealthy");
    expect(status.errorMessage).toMatch(/^All 3 clusters failed\. Last error: DNS_NOT_FOUND: .*unreachable\.local/);
    expect(status.clusterResults?.every(({ statusCode }) => statusCode === undefined)).toBe(true);
    expect(sum(await stage.hubMetrics(), "controller_reconcile_errors_total")).toBe(0);
  });

  it("stops probing, and keeps status and counts, while it is suspended", async () => {
    await stage.api.apply(monitor("shop", { url: target.url("/ok") }));
    await stage.api.untilVerdict(key, "Healthy");
    await stage.api.patchMonitor(key, { spec: { suspend: true } });
    await stage.api.untilStatus(key, "Suspended", (now) => conditionOf(now, "Suspended")?.status === "True");
    await silence(target, "/ok");
    expect(await stage.api.untilVerdict(key, "Healthy")).toMatchObject({ healthy: "3/3", totalClusterCount: 3 });
    await stage.api.patchMonitor(key, { spec: { suspend: false } });
    await waitUntil({ what: "probes again", timeoutMs: 30_000 }, () => target.seen("/ok").length >= 3);
    await stage.api.untilStatus(key, "not Suspended", (now) => conditionOf(now, "Suspended")?.status !== "True");
  });

  it("leaves nothing behind when it is deleted", async () => {
    await stage.api.deleteMonitor(key);
    await stage.api.untilGone(key);
    await waitUntil({ what: "the ConfigMap to be gone", timeoutMs: 30_000 }, async () => (await stage.api.results(key)) === undefined);
    await waitUntil({ what: "the series to be gone", timeoutMs: 30_000 }, async () => {
      const hub = await stage.hubMetrics();
      const agents = await Promise.all(["eu-1", "us-1", "ap-1"].map((cluster) => stage.agentMetrics(cluster)));
      return [hub, ...agents].every((samples) => samples.every(({ labels }) => labels["monitor"] !== "shop"));
    });
    await silence(target, "/ok");
    expect(select(await stage.hubMetrics(), "httpmonitor_status")).toEqual([]);
  });
});

/** Waits until a path of the target was not asked for during three intervals of 1 s; and proves that it then stays so. */
async function silence(target: Target, path: string): Promise<void> {
  await waitUntil({ what: `no more probes of ${path}`, timeoutMs: 30_000, everyMs: 200 }, () => {
    const last = target.seen(path).at(-1)?.at ?? 0;
    return Date.now() - last > 3000;
  });
  target.forget();
  await waitUntil({ what: "two more seconds", timeoutMs: 30_000 }, waited(2000));
  expect(target.seen(path)).toEqual([]);
}

function waited(ms: number): () => boolean {
  const end = Date.now() + ms;
  return () => Date.now() >= end;
}
