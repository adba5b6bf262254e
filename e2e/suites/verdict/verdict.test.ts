import { describe, expect, it } from "vitest";
import { conditionOf } from "../../kit/hub-api.ts";
import { monitor } from "../../kit/monitor.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { withStage } from "../../kit/suite.ts";
import { answers, type Target } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";

const CLUSTERS = ["eu-1", "us-1", "ap-1"];
const FAILURE = "unexpected status code: got 500, expected 200";

/** The verdict's table (CONTRACT 4) row by row, by targets that behave and agents that stand still. Row 2 needs maintenance windows. */
describe("the verdict", () => {
  let stage: Stage;
  let target: Target;
  withStage(openStage, async (opened) => {
    stage = opened;
    ({ target } = opened);
    target.behave("/ok", answers(200));
    target.behave("/broken", answers(500));
    for (const cluster of CLUSTERS) await stage.api.patchRegistration(cluster, { spec: { heartbeat: { interval: "1s", grace: "2s" } } });
  });

  it("row 1: no cluster is assigned", async () => {
    await stage.api.apply(monitor("nowhere", { url: target.url("/ok") }, { placement: { regions: "mars" } }));
    const status = await stage.api.untilStatus("default/nowhere", "told", ({ errorMessage }) => errorMessage?.startsWith("No cluster is assigned: ") === true);
    expect(status).toMatchObject({ status: "Unknown", healthy: "0/0", totalClusterCount: 0 });
    expect(conditionOf(status, "Assigned")).toMatchObject({ status: "False", reason: "NoClusterMatched" });
    await stage.api.deleteMonitor("default/nowhere");
  });

  it("row 3: a new monitor waits for the first results that could decide, and one that is changed shows what it showed", async () => {
    target.behave("/hangs", () => undefined);
    await stage.api.apply(monitor("waits", { url: target.url("/hangs"), interval: "30s", timeout: "30s" }));
    const status = await stage.api.untilStatus("default/waits", "waiting", ({ errorMessage }) => errorMessage === "Waiting for the first result of 3 clusters.");
    expect(status).toMatchObject({ status: "Unknown", healthy: "0/3" });
    expect(status.clusterResults?.map(({ status: result }) => result)).toEqual(["Pending", "Pending", "Pending"]);
    await stage.api.deleteMonitor("default/waits");

    await stage.api.apply(monitor("changed", { url: target.url("/ok") }));
    const healthy = await stage.api.untilVerdict("default/changed", "Healthy");
    await stage.api.apply(monitor("changed", { url: target.url("/hangs"), interval: "30s", timeout: "30s" }));
    const pending = await stage.api.untilStatus("default/changed", "pending", ({ observedGeneration, clusterResults }) => observedGeneration === 2 && clusterResults?.every((line) => line.status === "Pending") === true);
    expect(pending).toMatchObject({ status: "Healthy", errorMessage: "", lastTransitionTime: healthy.lastTransitionTime });
    await stage.api.deleteMonitor("default/changed");
  });

  it("row 6: all clusters pass", async () => {
    await stage.api.apply(monitor("shop", { url: target.url("/ok") }));
    expect(await stage.api.untilVerdict("default/shop", "Healthy")).toMatchObject({ healthy: "3/3", errorMessage: "" });
  });

  it("row 7: some fail, with the newest failure's error", async () => {
    target.behave("/ok", (request, response) => answers(request.cluster === "us-1" ? 500 : 200)(request, response));
    expect(await stage.api.untilVerdict("default/shop", "Degraded")).toMatchObject({ healthy: "2/3", errorMessage: `Healthy: 2/3 clusters. Last error: ${FAILURE}` });
    target.behave("/ok", answers(200));
    await stage.api.untilVerdict("default/shop", "Healthy");
  });

  it("row 7: none fails and one is stale, with how long it has been so", async () => {
    await stage.sandbox.pause("agent-ap-1");
    const status = await stage.api.untilVerdict("default/shop", "Degraded");
    expect(status.errorMessage).toMatch(/^Healthy: 2\/3 clusters\. Last error: ap-1: no result for \d+ s$/);
    expect(status.clusterResults?.find(({ clusterID }) => clusterID === "ap-1")?.status).toBe("Stale");
  });

  it("row 5: the failed ones fail and the others are stale", async () => {
    target.behave("/ok", answers(500));
    expect(await stage.api.untilVerdict("default/shop", "Unhealthy")).toMatchObject({ healthy: "0/3", errorMessage: `Healthy: 0/3 clusters. Last error: ${FAILURE}` });
  });

  it("row 5: all fail", async () => {
    await stage.sandbox.resume("agent-ap-1");
    const status = await stage.api.untilStatus("default/shop", "failed everywhere", ({ errorMessage }) => errorMessage === `All 3 clusters failed. Last error: ${FAILURE}`);
    expect(status).toMatchObject({ status: "Unhealthy", healthy: "0/3" });
  });

  it("row 4: nobody has a current result", async () => {
    for (const cluster of CLUSTERS) await stage.sandbox.kill(`agent-${cluster}`);
    expect(await stage.api.untilVerdict("default/shop", "Unknown")).toMatchObject({ healthy: "0/3", errorMessage: "No current result from any of 3 clusters." });
    target.behave("/ok", answers(200));
    await Promise.all(CLUSTERS.map((cluster) => stage.sandbox.restart(`agent-${cluster}`)));
    await stage.api.untilVerdict("default/shop", "Healthy");
    await waitUntil({ what: "a probe from everywhere", timeoutMs: 30_000 }, () => new Set(target.seen("/ok").map(({ cluster }) => cluster)).size === 3);
  });
});
