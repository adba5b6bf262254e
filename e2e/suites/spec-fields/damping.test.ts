import type { HTTPMonitorStatus } from "@sightline/shared/api";
import { describe, expect, it } from "vitest";
import { monitor } from "../../kit/monitor.ts";
import { storedResults } from "../../kit/result-log.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { withStage } from "../../kit/suite.ts";
import { answers, type Target } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";

/** What the first cluster's last result was. */
function raw({ clusterResults }: HTTPMonitorStatus): string | undefined {
  return clusterResults?.[0]?.status;
}

describe("flap damping", () => {
  let stage: Stage;
  let target: Target;
  withStage(() => openStage("eu-1:eu-west-1:production"), async (opened) => {
    stage = opened;
    ({ target } = opened);
  });

  /** The successes and failures of a monitor, in the agent's order. */
  async function outcomes(name: string): Promise<{ success: boolean; endedAt: number }[]> {
    const uid = (await stage.api.monitor(`default/${name}`))?.metadata.uid;
    const results = (await storedResults(stage.sandbox)).filter((result) => result.uid === uid);
    return results.toSorted((a, b) => a.agentEpoch - b.agentEpoch || a.sequence - b.sequence);
  }

  async function failures(name: string): Promise<number> {
    return (await outcomes(name)).filter(({ success }) => !success).length;
  }

  it("shows the raw result at once, and changes the verdict only by the thresholds, both ways", async () => {
    target.behave("/slow", answers(200));
    await stage.api.apply(monitor("slow", { url: target.url("/slow"), failureThreshold: { failures: 8 }, successThreshold: 8 }));
    await stage.api.untilVerdict("default/slow", "Healthy");
    target.behave("/slow", answers(503));
    const failing = await stage.api.untilStatus("default/slow", "Failed yet Healthy", (now) => raw(now) === "Failed" && now.status === "Healthy");
    expect(failing).toMatchObject({ healthy: "1/1", errorMessage: "", clusterResults: [{ status: "Failed", statusCode: 503 }] });
    await stage.api.untilVerdict("default/slow", "Unhealthy");
    const seen = await outcomes("slow");
    const firstFailure = seen.findIndex(({ success }) => !success);
    expect(seen.slice(firstFailure).length).toBeGreaterThanOrEqual(8);

    target.behave("/slow", answers(200));
    const recovering = await stage.api.untilStatus("default/slow", "Success yet Unhealthy", (now) => raw(now) === "Success" && now.status === "Unhealthy");
    expect(recovering.errorMessage).toBe("All 1 clusters failed. Last error: unexpected status code: got 503, expected 200");
    expect(recovering.healthy).toBe("0/1");
    await stage.api.untilVerdict("default/slow", "Healthy");
    const all = await outcomes("slow");
    const lastFailure = all.findLastIndex(({ success }) => !success);
    expect(all.slice(lastFailure + 1).length).toBeGreaterThanOrEqual(8);
  });

  it("decides at once by the first result of a check", async () => {
    target.behave("/new", answers(500));
    await stage.api.apply(monitor("new", { url: target.url("/new"), interval: "24h", failureThreshold: { failures: 20 } }));
    await stage.api.untilVerdict("default/new", "Unhealthy");
    expect(await outcomes("new")).toHaveLength(1);
  });

  it("counts failures of the window that are older than a restart of the hub", async () => {
    let toFail = 0;
    target.behave("/flaky", (request, response) => {
      toFail -= 1;
      answers(toFail >= 0 ? 500 : 200)(request, response);
    });
    await stage.api.apply(monitor("flaky", { url: target.url("/flaky"), interval: "3s", failureThreshold: { failures: 3, window: 20 }, successThreshold: 1 }));
    await stage.api.untilVerdict("default/flaky", "Healthy");
    toFail = 2;
    await waitUntil({ what: "two failures", timeoutMs: 30_000, everyMs: 250 }, async () => (await failures("flaky")) === 2);
    const hub = stage.sandbox.state.hubs[0]?.name ?? "";
    await stage.sandbox.kill(hub);
    await stage.sandbox.restart(hub);
    const before = (await stage.api.monitor("default/flaky"))?.status?.lastCheck ?? "";
    await stage.api.untilStatus("default/flaky", "refreshed", (now) => (now.lastCheck ?? "") > before);
    expect((await stage.api.monitor("default/flaky"))?.status?.status).toBe("Healthy");
    toFail = 1;
    const status = await stage.api.untilVerdict("default/flaky", "Unhealthy");
    expect(status.errorMessage).toContain("got 500, expected 200");
    expect(await failures("flaky")).toBe(3);
    await stage.api.untilVerdict("default/flaky", "Healthy");
  });

  it("is none of the check: other thresholds make no new probe, and count from the next result on", async () => {
    target.behave("/loose", answers(200));
    const key = "default/loose";
    await stage.api.apply(monitor("loose", { url: target.url("/loose"), interval: "2s", failureThreshold: { failures: 20 } }));
    await stage.api.untilVerdict(key, "Healthy");
    target.behave("/loose", answers(500));
    await stage.api.untilStatus(key, "Failed yet Healthy", (now) => raw(now) === "Failed" && now.status === "Healthy");
    await stage.api.patchMonitor(key, { spec: { failureThreshold: { failures: 1 } } });
    await stage.api.untilVerdict(key, "Unhealthy");
    const uid = (await stage.api.monitor(key))?.metadata.uid;
    const results = (await storedResults(stage.sandbox)).filter((result) => result.uid === uid);
    expect(new Set(results.map(({ checkHash }) => checkHash)).size).toBe(1);
  });
});
