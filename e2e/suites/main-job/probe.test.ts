import { describe, expect, it } from "vitest";
import { monitor } from "../../kit/monitor.ts";
import { storedResults } from "../../kit/result-log.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { withStage } from "../../kit/suite.ts";
import { answers, type Target } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";

describe("a probe, as its target sees it", () => {
  let stage: Stage;
  let target: Target;
  withStage(() => openStage("eu-1:eu-west-1:production,us-1:us-east-1:production"), async (opened) => {
    stage = opened;
    ({ target } = opened);
    for (const path of ["/plain", "/rich", "/steady"]) target.behave(path, answers(200));
  });

  it("says which cluster and region asks, with a trace of its own", async () => {
    await stage.api.apply(monitor("plain", { url: target.url("/plain") }));
    await stage.api.untilVerdict("default/plain", "Healthy");
    const seen = target.seen("/plain");
    expect(new Set(seen.map(({ cluster, region }) => `${cluster} in ${region}`))).toEqual(new Set(["eu-1 in eu-west-1", "us-1 in us-east-1"]));
    for (const { headers } of seen) {
      expect(headers["user-agent"]).toMatch(/^sightline-agent\/\d+\.\d+\.\d+/);
      expect(headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
    }
  });

  it("carries the monitor's method, headers and body", async () => {
    const headers = { Accept: "application/json", "User-Agent": "mine/1", "X-Team": "shop" };
    await stage.api.apply(monitor("rich", { url: target.url("/rich"), method: "POST", headers, body: '{"ping":1}' }));
    await stage.api.untilVerdict("default/rich", "Healthy");
    const [seen] = target.seen("/rich");
    expect(seen).toMatchObject({ method: "POST", body: '{"ping":1}' });
    expect(seen?.headers).toMatchObject({ accept: "application/json", "user-agent": "mine/1", "x-team": "shop", "content-length": "10" });
  });

  it.each(["X-Cluster-ID", "x-cluster-region", "Traceparent"])("cannot have its %s overridden: the API server refuses it", async (name) => {
    const refused = stage.api.apply(monitor("liar", { url: target.url("/plain"), headers: { [name]: "forged" } }));
    await expect(refused).rejects.toThrow(/set by the agent and cannot be given/);
  });

  it("comes exactly one interval after the one before, without drift", async () => {
    await stage.api.apply(monitor("steady", { url: target.url("/steady"), interval: "2s" }));
    await waitUntil({ what: "eight probes from eu-1", timeoutMs: 60_000, everyMs: 200 }, () => target.seen("/steady").filter(({ cluster }) => cluster === "eu-1").length >= 8);
    const uid = (await stage.api.monitor("default/steady"))?.metadata.uid;
    // By what the agents scheduled: exact, however late a busy machine lets a request leave.
    for (const scheduled of await scheduledPerAgent(stage, uid ?? "")) {
      const gaps = scheduled.slice(1).map((at, index) => at - (scheduled[index] ?? 0));
      const [first, ...others] = gaps;
      expect(first).toBeGreaterThanOrEqual(1000);
      expect(first).toBeLessThanOrEqual(3000);
      expect(new Set(others)).toEqual(new Set([2000]));
    }
  });
});

/** Times at which each agent scheduled the monitor's probes, in order. */
async function scheduledPerAgent(stage: Stage, uid: string): Promise<number[][]> {
  const results = (await storedResults(stage.sandbox)).filter((result) => result.uid === uid);
  const epochs = [...new Set(results.map(({ agentEpoch }) => agentEpoch))];
  return epochs.map((epoch) => results.filter(({ agentEpoch }) => agentEpoch === epoch).map(({ scheduledAt }) => scheduledAt).toSorted((a, b) => a - b));
}
