import { exposition } from "@sightline/shared/metrics";
import type { PairState } from "@sightline/shared/wire";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import type { MonitorPlan } from "../monitors/plan.ts";
import { PlanRegistry } from "../monitors/registry.ts";
import { RecordingLogger } from "../testing/recording-logger.ts";
import { uidOf } from "../testing/objects.ts";
import { registerPairMetrics } from "./pair-metrics.ts";
import { planOver } from "./testing.ts";

const STATE: PairState = {
  checkHash: "h",
  agentEpoch: 1,
  sequence: 1,
  endedAt: 0,
  success: true,
  statusCode: 200,
  durationMs: 125,
  phases: { dns: 1, connect: 2, firstByte: 100, transfer: 19 },
};

interface Bench {
  plans: PlanRegistry;
  results: Map<string, Map<string, PairState>>;
  /** Clusters whose result is not current. */
  old: Set<string>;
  logger: RecordingLogger;
  series: (name: string) => Promise<string[]>;
}

function bench(limit: number, ...planned: MonitorPlan[]): Bench {
  const registry = new Registry();
  const plans = new PlanRegistry();
  for (const plan of planned) plans.put(plan);
  const results = new Map(planned.map(({ uid, clusters }) => [uid, new Map([...clusters.keys()].map((cluster) => [cluster, STATE]))]));
  const logger = new RecordingLogger();
  const old = new Set<string>();
  registerPairMetrics(registry, { plans, results: { pairs: (uid) => results.get(uid) ?? new Map<string, PairState>() }, board: { isCurrent: (_uid, cluster) => !old.has(cluster) }, regionOf: (cluster) => `${cluster}-region`, limit, logger });
  const series = async (name: string): Promise<string[]> => {
    const text = (await Array.fromAsync(exposition([registry]))).join("");
    return text.split("\n").filter((line) => line.startsWith(name));
  };
  return { plans, results, old, logger, series };
}

const LABELS = 'namespace="shop",monitor="checkout",cluster="eu-1",region="eu-1-region"';

describe("the hub's series per monitor and cluster", () => {
  it("have the names and labels that the agents give them", async () => {
    const { results, series } = bench(10, planOver(["eu-1"]));
    for (const pairs of results.values()) pairs.set("eu-1", { ...STATE, certificateExpiresAt: 1_900_000_000 });
    expect(await series("probe_")).toEqual([
      `probe_success{${LABELS}} 1`,
      `probe_duration_seconds{${LABELS}} 0.125`,
      `probe_http_duration_seconds{${LABELS},phase="resolve"} 0.001`,
      `probe_http_duration_seconds{${LABELS},phase="connect"} 0.002`,
      `probe_http_duration_seconds{${LABELS},phase="tls"} 0`,
      `probe_http_duration_seconds{${LABELS},phase="processing"} 0.1`,
      `probe_http_duration_seconds{${LABELS},phase="transfer"} 0.019`,
      `probe_http_status_code{${LABELS}} 200`,
      `probe_ssl_earliest_cert_expiry{${LABELS}} 1900000000`,
    ]);
  });

  it("are those of the clusters that a monitor is assigned to, and whose result is known", async () => {
    const { results, plans, series } = bench(10, planOver(["eu-1", "us-1"]), planOver(["eu-1"], { uid: uidOf(7), name: "gone" }));
    for (const pairs of results.values()) pairs.set("ap-1", STATE).delete("us-1");
    plans.delete(uidOf(7));
    expect(await series("probe_success")).toEqual([`probe_success{${LABELS}} 1`]);
  });

  it("are not those of an old result, and come back with a current one", async () => {
    const { old, series } = bench(10, planOver(["eu-1"]));
    old.add("eu-1");
    expect(await series("probe_")).toEqual([]);
    old.delete("eu-1");
    expect(await series("probe_success")).toEqual([`probe_success{${LABELS}} 1`]);
  });

  it.each([
    ["as many as the limit", 2, { limited: 0, served: 2, warnings: 0 }],
    ["more than the limit", 1, { limited: 1, served: 0, warnings: 1 }],
    ["switched off", 0, { limited: 1, served: 0, warnings: 0 }],
  ])("are left out above the limit: %s", async (_what, limit, { limited, served, warnings }) => {
    const { series, logger } = bench(limit, planOver(["eu-1", "us-1"]));
    for (let scrape = 0; scrape < 2; scrape += 1) {
      expect(await series("sightline_pair_series_limited")).toEqual([`sightline_pair_series_limited ${limited}`]);
      expect(await series("probe_success")).toHaveLength(served);
    }
    expect(logger.lines).toHaveLength(warnings);
  });
});
