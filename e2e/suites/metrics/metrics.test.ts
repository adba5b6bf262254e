import { CATALOGUE } from "@sightline/shared/metrics";
import pMap from "p-map";
import { describe, expect, it } from "vitest";
import { listAt } from "../../kit/json.ts";
import { metricsText, parseMetrics, type Sample, select, sum, typesIn } from "../../kit/metrics.ts";
import { extent } from "../../kit/extent.ts";
import { monitor } from "../../kit/monitor.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { withStage } from "../../kit/suite.ts";
import { answers, type Target } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";
import { needsObservers } from "../../sandbox/test-needs.ts";
import { countsOfNew, identityOf, lastingSeries, mislabelled, occurrences, promtoolCheck, typesOf } from "./support.ts";

const MONITORS = extent({ everyRun: 200, long: 1000 });
const CROWD = "crowd";
const ONE_OF_CROWD = `apis/monitoring.example.com/v1/namespaces/${CROWD}/httpmonitors?limit=1`;
/** Requests to the API server at a time. */
const LANES = 4;
/** A slow machine is no failure. */
const PATIENCE_MS = 240_000;

describe("the metrics of a running hub and agent", () => {
  let stage: Stage;
  let target: Target;
  let urls: { hub: string; agent: string };

  withStage(
    () => openStage("eu-1:eu-west-1:production,us-1:us-east-1:staging"),
    async (opened) => {
      stage = opened;
      ({ target } = opened);
      const { hubs, agents } = stage.sandbox.state;
      urls = { hub: hubs[0]?.metrics ?? "", agent: agents[0]?.metrics ?? "" };
      target.behave("/", answers(200));
      await stage.api.ensureNamespace(CROWD);
      await stage.api.apply(monitor("first", { url: target.url("/") }));
      await stage.api.untilVerdict("default/first", "Healthy");
    },
  );

  it.each(["hub", "agent"] as const)("are exactly those of the catalogue, with its types and labels, at the %s", async (process) => {
    const text = await metricsText(urls[process]);
    const samples = parseMetrics(text);
    expect(Object.fromEntries(typesIn(text))).toEqual(typesOf(CATALOGUE[process]));
    expect(mislabelled(samples, text, CATALOGUE[process])).toEqual([]);
    expect(new Set(samples.map(identityOf)).size).toBe(samples.length);
  });

  it("tell of each pair the same on the hub as on the cluster's agent", async () => {
    const onAgent = ofPairs(await stage.agentMetrics("eu-1"), "eu-1");
    expect(onAgent).toHaveLength(8);
    expect(ofPairs(await stage.hubMetrics(), "eu-1")).toEqual(onAgent);
    expect(select(await stage.hubMetrics(), "probe_success", { monitor: "first", region: "us-east-1" }).map(({ value }) => value)).toEqual([1]);
  });

  it("know each cluster: its agent, its assignments, its last heartbeat", async () => {
    const samples = await stage.hubMetrics();
    const cluster = { cluster: "us-1", region: "us-east-1" };
    expect(select(samples, "sightline_cluster_info", { ...cluster, environment: "staging" })).toHaveLength(1);
    expect(sum(samples, "sightline_cluster_assigned_monitors", cluster)).toBe(1);
    expect(sum(samples, "sightline_cluster_last_heartbeat_timestamp_seconds", cluster)).toBeGreaterThan(Date.now() / 1000 - 120);
    expect(select(samples, "sightline_cluster_outbox_lost_total", cluster).map(({ value }) => value)).toEqual([0]);
    const rate = await waitUntil({ what: "the heartbeat after the assignment", timeoutMs: 30_000 }, async () => sum(await stage.hubMetrics(), "sightline_cluster_probes_per_second", cluster) || undefined);
    expect(rate).toBe(1);
    expect(select(samples, "sightline_status_write_budget").map(({ labels, value }) => [labels["kind"], value])).toEqual([["transition", 100], ["refresh", 50]]);
  });

  it("are where they were before once many monitors have come and gone", { timeout: 4 * PATIENCE_MS }, async () => {
    await removeCrowd(stage);
    const before = await everySeries(stage);
    await createCrowd(stage, target);
    await waitUntil({ what: "every monitor's series", timeoutMs: PATIENCE_MS, everyMs: 1000 }, async () => {
      const text = await metricsText(urls.hub);
      return occurrences(text, `httpmonitor_status{namespace="${CROWD}"`) === 4 * MONITORS && occurrences(text, `probe_success{namespace="${CROWD}"`) === MONITORS;
    });
    const crowded = await everySeries(stage);
    // As documented; the 9th of a pair tells of TLS, which is not spoken here.
    expect(countsOfNew(before.hub, crowded.hub, CATALOGUE.hub)).toEqual({ monitor: 10 * MONITORS, pair: 8 * MONITORS, namespace: 34 });
    expect(countsOfNew(before.agent, crowded.agent, CATALOGUE.agent)).toEqual({ pair: 8 * MONITORS });

    await removeCrowd(stage);
    await waitUntil({ what: "the series to be gone", timeoutMs: PATIENCE_MS, everyMs: 1000 }, async () => {
      const texts = await Promise.all([metricsText(urls.hub), metricsText(urls.agent)]);
      return texts.every((text) => !text.includes(CROWD));
    });
    expect(await everySeries(stage)).toEqual(before);
  });

  it("rise in lag while results cannot be read, and fall back to 0", async () => {
    const lag = async (): Promise<number> => sum(await stage.hubMetrics(), "sightline_results_lag_seconds");
    await waitUntil({ what: "no lag", timeoutMs: 30_000 }, async () => (await lag()) === 0);
    await stage.sandbox.kill("nats-server");
    await waitUntil({ what: "a lag that rises", timeoutMs: 30_000 }, async () => (await lag()) > 4);
    expect(sum(await stage.hubMetrics(), "sightline_nats_connected")).toBe(0);
    await stage.sandbox.restart("nats-server");
    await waitUntil({ what: "no lag again", timeoutMs: 60_000 }, async () => (await lag()) === 0 && sum(await stage.hubMetrics(), "sightline_nats_connected") === 1);
  });

  describe("are text that Prometheus' own checker", () => {
    needsObservers();
    it.each(["hub", "agent"] as const)("finds no fault with, at the %s", async (process) => {
      expect(await promtoolCheck(await metricsText(urls[process]))).toEqual({ status: 0, complaints: "" });
    });
  });
});

async function createCrowd({ api }: Stage, target: Target): Promise<void> {
  const crowd = Array.from({ length: MONITORS }, (_, number) => monitor(`m-${number}`, { url: target.url("/"), interval: "1h", timeout: "10s" }, { namespace: CROWD, placement: { clusters: "eu-1" } }));
  await pMap(crowd, (manifest) => api.apply(manifest), { concurrency: LANES });
}

/** Resolves when none is left. */
async function removeCrowd({ api, sandbox }: Stage): Promise<void> {
  await pMap(await api.monitors(CROWD), ({ metadata }) => api.deleteMonitor(`${CROWD}/${metadata.name}`), { concurrency: LANES });
  await waitUntil({ what: "the monitors to be gone", timeoutMs: PATIENCE_MS, everyMs: 1000 }, async () => listAt(await sandbox.kube.client.get(ONE_OF_CROWD), "items").length === 0);
}

function ofPairs(samples: readonly Sample[], cluster: string): string[] {
  return samples.filter(({ name, labels }) => name.startsWith("probe_") && labels["cluster"] === cluster).map(identityOf).toSorted();
}

async function everySeries(stage: Stage): Promise<{ hub: string[]; agent: string[] }> {
  const [hub, agent] = await Promise.all([stage.hubMetrics(), stage.agentMetrics("eu-1")]);
  return { hub: lastingSeries(hub), agent: lastingSeries(agent) };
}
