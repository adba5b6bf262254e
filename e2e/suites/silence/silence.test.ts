import { heartbeatSubject } from "@sightline/shared/wire";
import { describe, expect, it } from "vitest";
import type { Sandbox } from "../../sandbox/mod.ts";
import { connectAsHub } from "../../kit/hub-nats.ts";
import { conditionOf } from "../../kit/hub-api.ts";
import { textAt } from "../../kit/json.ts";
import { sum } from "../../kit/metrics.ts";
import { monitor } from "../../kit/monitor.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { withStage } from "../../kit/suite.ts";
import { answers, type Target } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";

const CLUSTERS = ["eu-1", "us-1", "ap-1"];
const BEAT_MS = 1000;
const GRACE_MS = 2000;
/** Beyond beat and grace: what writing and reading a status, and a busy machine, may take. */
const SLACK_MS = 3000;

/** A silent agent is no failing target, and a hub that cannot hear judges nobody. */
describe("silence", () => {
  let stage: Stage;
  let target: Target;
  const key = "default/shop";
  withStage(openStage, async (opened) => {
    stage = opened;
    ({ target } = opened);
    target.behave("/ok", answers(200));
    for (const cluster of CLUSTERS) await stage.api.patchRegistration(cluster, { spec: { heartbeat: { interval: "1s", grace: "2s" } } });
    // A long interval: what shows within seconds comes from silence, not from the age of the last result.
    await stage.api.apply(monitor("shop", { url: target.url("/ok"), interval: "1h", timeout: "1s" }));
    await stage.api.untilVerdict(key, "Healthy");
    for (const cluster of CLUSTERS) await untilInForce(cluster);
  });

  it("of an agent that stands still shows within beat and grace, as one event and one stale result", async () => {
    const before = await eventsOf("eu-1");
    const begunAt = Date.now();
    await stage.sandbox.pause("agent-eu-1");
    await untilAvailable(stage, "eu-1", "Unknown");
    const tookMs = Date.now() - begunAt;
    console.log(`silence seen after ${tookMs} ms`);
    expect(tookMs).toBeLessThan(BEAT_MS + GRACE_MS + SLACK_MS);
    const status = await stage.api.untilVerdict(key, "Degraded");
    expect(status).toMatchObject({ healthy: "2/3", totalClusterCount: 3 });
    expect(status.errorMessage).toMatch(/^Healthy: 2\/3 clusters\. Last error: eu-1: no result for \d+ s$/);
    expect(status.clusterResults?.map(({ status: result }) => result)).toEqual(["Success", "Stale", "Success"]);
    expect(status.clusterResults?.[1]?.errorMessage).toMatch(/the cluster is silent$/);
    await stage.sandbox.resume("agent-eu-1");
    await untilAvailable(stage, "eu-1", "True");
    await stage.api.untilVerdict(key, "Healthy");
    await untilEvents("eu-1", [...before, "ClusterAvailable", "ClusterSilent"]);
  });

  it("of an agent that was killed shows likewise, and ends when it is back", async () => {
    const before = await eventsOf("us-1");
    const begunAt = Date.now();
    await stage.sandbox.kill("agent-us-1");
    await untilAvailable(stage, "us-1", "Unknown");
    expect(Date.now() - begunAt).toBeLessThan(BEAT_MS + GRACE_MS + SLACK_MS);
    await stage.api.untilVerdict(key, "Degraded");
    await stage.sandbox.restart("agent-us-1");
    await untilAvailable(stage, "us-1", "True");
    await stage.api.untilVerdict(key, "Healthy");
    await untilEvents("us-1", [...before, "ClusterAvailable", "ClusterSilent"]);
    expect(await eventsOf("ap-1")).toEqual([]);
  });

  it("is not ended by heartbeats that somebody recorded, neither at this hub nor at the next one", async () => {
    await using recorder = await recordHeartbeats(stage.sandbox, "ap-1");
    await waitUntil({ what: "recorded heartbeats", timeoutMs: 30_000 }, () => recorder.heard() >= 3);
    await stage.sandbox.kill("agent-ap-1");
    await untilAvailable(stage, "ap-1", "Unknown");
    const untilRefused = async (): Promise<void> => {
      const before = await heartbeatsThat(stage, "outdated");
      await waitUntil({ what: "the hub to refuse them", timeoutMs: 60_000 }, async () => (recorder.replay(), (await heartbeatsThat(stage, "outdated")) >= before + recorder.heard()));
      expect(sum(await stage.hubMetrics(), "sightline_cluster_available", { cluster: "ap-1" })).toBe(0);
      expect((await stage.api.monitor(key))?.status?.status).toBe("Degraded");
    };
    await stage.api.untilVerdict(key, "Degraded");
    await untilRefused();
    await stage.sandbox.restart("hub-0");
    await waitUntil({ what: "the hub to hear", timeoutMs: 60_000 }, async () => (await heartbeatsThat(stage, "accepted")) > 0);
    await untilRefused();
    await stage.sandbox.restart("agent-ap-1");
    await untilAvailable(stage, "ap-1", "True");
    await stage.api.untilVerdict(key, "Healthy");
  });

  it("of all agents makes the verdict Unknown, never Unhealthy", async () => {
    const seen = watchVerdicts(stage, key);
    for (const cluster of CLUSTERS) await stage.sandbox.pause(`agent-${cluster}`);
    const status = await stage.api.untilVerdict(key, "Unknown");
    expect(status).toMatchObject({ errorMessage: "No current result from any of 3 clusters.", healthy: "0/3" });
    for (const cluster of CLUSTERS) await stage.sandbox.resume(`agent-${cluster}`);
    await stage.api.untilVerdict(key, "Healthy");
    expect(await seen.end()).not.toContain("Unhealthy");
  });

  it.each([
    ["stands still", () => stage.sandbox.pause("nats-server"), () => stage.sandbox.resume("nats-server")],
    ["is dead", () => stage.sandbox.kill("nats-server"), () => stage.sandbox.restart("nats-server")],
  ])("of NATS, which %s for longer than grace, is no cluster's: nothing changes", async (_what, cut, mend) => {
    for (const cluster of CLUSTERS) await untilAvailable(stage, cluster, "True");
    await stage.api.untilVerdict(key, "Healthy");
    const before = { monitor: await shown(), clusters: await Promise.all(CLUSTERS.map(shownOf)), events: await Promise.all(CLUSTERS.map(eventsOf)) };
    const seen = watchVerdicts(stage, key);
    await cut();
    await waitUntil({ what: "four times beat and grace", timeoutMs: 60_000 }, passed(4 * (BEAT_MS + GRACE_MS)));
    await mend();
    // Each agent has said something new, and its full time has gone by once more.
    const mendedAt = Date.now();
    for (const cluster of CLUSTERS) await untilHeardSince(stage, cluster, mendedAt);
    await waitUntil({ what: "beat and grace again", timeoutMs: 60_000 }, passed(BEAT_MS + GRACE_MS + 1000));
    expect(await seen.end()).toEqual(["Healthy"]);
    expect({ monitor: await shown(), clusters: await Promise.all(CLUSTERS.map(shownOf)), events: await Promise.all(CLUSTERS.map(eventsOf)) }).toEqual(before);
  });

  /** The numbers in force are the hub's and the agent's: an agent has to hear of a shorter beat first. */
  async function untilInForce(cluster: string): Promise<void> {
    await waitUntil({ what: `${cluster} to beat every second`, timeoutMs: 60_000 }, async () => (await stage.api.registration(cluster))?.status?.heartbeatInterval === "1s" && (await stage.agentMetrics(cluster)).length > 0);
    await untilHeardSince(stage, cluster, Date.now());
  }

  /** Reasons of the events about a cluster. */
  async function eventsOf(cluster: string): Promise<string[]> {
    return (await stage.api.eventsAbout(`default/${cluster}`)).map((event) => textAt(event, "reason") ?? "").toSorted();
  }

  /** Events are written behind the status that they tell of: the last of them may come after it. */
  async function untilEvents(cluster: string, reasons: readonly string[]): Promise<void> {
    await waitUntil({ what: `${reasons.length} events about ${cluster}`, timeoutMs: 30_000 }, async () => (await eventsOf(cluster)).length >= reasons.length);
    expect(await eventsOf(cluster)).toEqual(reasons.toSorted());
  }

  async function shown(): Promise<unknown> {
    const status = (await stage.api.monitor(key))?.status;
    return [status?.status, status?.lastTransitionTime, status?.healthy];
  }

  async function shownOf(cluster: string): Promise<unknown> {
    const condition = (await stage.api.registration(cluster))?.status?.conditions?.find(({ type }) => type === "Available");
    return [condition?.status, condition?.lastTransitionTime];
  }
});

/** How many heartbeats became of that; 0 while the hub is starting. */
async function heartbeatsThat(stage: Stage, outcome: string): Promise<number> {
  const samples = await stage.hubMetrics().catch(() => []);
  return sum(samples, "sightline_heartbeats_total", { outcome });
}

async function untilAvailable(stage: Stage, cluster: string, status: string): Promise<void> {
  await waitUntil({ what: `${cluster} to be Available=${status}`, timeoutMs: 60_000, everyMs: 20 }, async () => conditionOf((await stage.api.registration(cluster))?.status, "Available")?.status === status);
}

async function untilHeardSince(stage: Stage, cluster: string, sinceMs: number): Promise<void> {
  await waitUntil({ what: `heartbeats of ${cluster}`, timeoutMs: 60_000 }, async () => {
    const before = sum(await stage.hubMetrics(), "sightline_cluster_available", { cluster });
    return before === 1 && Date.now() - sinceMs > 2 * BEAT_MS;
  });
}

interface Recorder extends AsyncDisposable {
  heard: () => number;
  /** Sends all that was heard of the agent again, as it was. */
  replay: () => void;
}

/** What whoever runs NATS can do. */
async function recordHeartbeats(sandbox: Sandbox, cluster: string): Promise<Recorder> {
  const connection = await connectAsHub(sandbox);
  const heard: (() => void)[] = [];
  const subject = heartbeatSubject(cluster);
  const subscription = connection.subscribe(subject, { callback: (_error, { data, headers }) => void heard.push(() => connection.publish(subject, data, headers === undefined ? {} : { headers })) });
  return {
    heard: () => heard.length,
    replay: () => {
      subscription.unsubscribe();
      for (const again of heard) again();
    },
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

/** Looks at the monitor's verdict all the time. */
function watchVerdicts(stage: Stage, key: string): { end: () => Promise<string[]> } {
  const seen = new Set<string>();
  const ending = new AbortController();
  const watching = waitUntil({ what: "the end of the watch", timeoutMs: 120_000, everyMs: 20 }, async () => {
    seen.add((await stage.api.monitor(key))?.status?.status ?? "none");
    return ending.signal.aborted;
  });
  return { end: async () => (ending.abort(), await watching, [...seen]) };
}

function passed(ms: number): () => boolean {
  const end = Date.now() + ms;
  return () => Date.now() >= end;
}
