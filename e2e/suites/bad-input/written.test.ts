import { describe, expect, it } from "vitest";
import { conditionOf } from "../../kit/hub-api.ts";
import { at, textAt } from "../../kit/json.ts";
import { monitor } from "../../kit/monitor.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { withStage } from "../../kit/suite.ts";
import { answers, type Target } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";

const MONITORS = "apis/monitoring.example.com/v1/namespaces/default/httpmonitors";
const CONFIG_MAPS = "api/v1/namespaces/default/configmaps";

/** What the hub wrote is put right when somebody else changes it, and nothing is written while nothing is due. */
describe("what the hub writes", () => {
  let stage: Stage;
  let target: Target;
  withStage(() => openStage("eu-1:eu-west-1:production,us-1:us-east-1:production"), async (opened) => {
    stage = opened;
    ({ target } = opened);
    target.behave("/ok", answers(200));
    // Its interval is 24 h: only the hub's own watch can put anything right in time.
    await stage.api.apply(monitor("slow", { url: ok(), interval: "24h", timeout: "1s" }), monitor("quick", { url: ok() }));
    await stage.api.untilVerdict("default/slow", "Healthy");
    await stage.api.untilVerdict("default/quick", "Healthy");
  });

  it("a foreign ConfigMap of the results' name is never touched, and ours takes its place when it is gone", async () => {
    await stage.sandbox.kube.client.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "taken-results", namespace: "default" }, data: { mine: "yes" } });
    const foreign = await stage.api.results("default/taken");
    await stage.api.apply(monitor("taken", { url: ok() }));
    const status = await stage.api.untilStatus("default/taken", "told", (now) => now.status === "Healthy" && conditionOf(now, "ResultsPublished")?.status === "False");
    expect(conditionOf(status, "ResultsPublished")).toMatchObject({ reason: "NameTaken" });
    await stage.api.untilStatus("default/taken", "refreshed", (now) => Date.parse(now.lastCheck ?? "") > Date.parse(status.lastCheck ?? "") + 2000);
    expect(await stage.api.results("default/taken")).toEqual(foreign);
    await stage.sandbox.kube.client.delete(`${CONFIG_MAPS}/taken-results`);
    await stage.api.untilStatus("default/taken", "published", (now) => conditionOf(now, "ResultsPublished")?.status === "True");
    await stage.api.deleteMonitor("default/taken");
  });

  it.each([
    ["deleted", async () => stage.sandbox.kube.client.delete(`${CONFIG_MAPS}/slow-results`)],
    ["emptied", async () => patchResults({ data: { "cluster-eu-1.json": null, "cluster-us-1.json": "{}" } })],
    ["given another key", async () => patchResults({ data: { extra: "x" } })],
    ["stripped of its labels", async () => patchResults({ metadata: { labels: null } })],
    ["stripped of its owner", async () => patchResults({ metadata: { ownerReferences: null } })],
    ["made immutable, with other data", async () => patchResults({ immutable: true, data: { "cluster-eu-1.json": "{}" } })],
  ])("the results ConfigMap that was %s by hand is back within seconds", async (_what, damage) => {
    await damage();
    const begunAt = Date.now();
    await waitUntil({ what: "the results to be back", timeoutMs: 20_000 }, async () => {
      const results = await stage.api.results("default/slow");
      const whole = ["eu-1", "us-1"].every((cluster) => textAt(results, "data", `cluster-${cluster}.json`)?.includes('"success":true'));
      return whole && keysOf(at(results, "data")).length === 2 && textAt(results, "metadata", "labels", "app.kubernetes.io/name") === "http-monitor" && textAt(results, "metadata", "ownerReferences", 0, "name") === "slow";
    });
    console.log(`back after ${Date.now() - begunAt} ms`);
  });

  it("a status that was edited by hand is put right, however long the interval is", async () => {
    await stage.sandbox.kube.client.patch(`${MONITORS}/slow/status`, { status: { status: "Unhealthy", errorMessage: "by hand" } });
    await stage.api.untilStatus("default/slow", "right again", (status) => status.status === "Healthy" && status.errorMessage === "");
  });

  it("nothing is written while nothing is due", async () => {
    let stood = await versions();
    // What the tests above made the hub write may still be on its way.
    await waitUntil({ what: "the hub to come to rest", timeoutMs: 20_000, everyMs: 1000 }, async () => {
      const now = await versions();
      const rests = JSON.stringify(now) === JSON.stringify(stood);
      stood = now;
      return rests;
    });
    const probes = target.seen("/ok").length;
    await waitUntil({ what: "ten more probes of another monitor", timeoutMs: 30_000 }, () => target.seen("/ok").length >= probes + 10);
    expect(await versions()).toEqual(stood);
  });

  function ok(): string {
    return target.url("/ok");
  }

  async function versions(): Promise<unknown[]> {
    return [(await stage.api.monitor("default/slow"))?.metadata.resourceVersion, at(await stage.api.results("default/slow"), "metadata", "resourceVersion")];
  }

  async function patchResults(change: object): Promise<void> {
    await stage.sandbox.kube.client.patch(`${CONFIG_MAPS}/slow-results`, change);
  }
});

function keysOf(value: unknown): string[] {
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}
