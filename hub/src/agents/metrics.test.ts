import { ManualClock } from "@sightline/shared/testing";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { FixedLister } from "../testing/fixed-lister.ts";
import { heartbeat } from "../testing/heartbeats.ts";
import { registration } from "../testing/objects.ts";
import { Heartbeats } from "./heartbeats.ts";
import { RegistrationMetrics } from "./metrics.ts";
import { NotProbedChecks } from "./not-probed.ts";

const NOW = Date.UTC(2026, 0, 1);

function bench(): { registrations: FixedLister<ReturnType<typeof registration>>; heartbeats: Heartbeats; metrics: RegistrationMetrics; series: (name?: string) => Promise<string[]> } {
  const registry = new Registry();
  const heartbeats = new Heartbeats(new ManualClock(NOW), () => undefined);
  const registrations = new FixedLister([
    registration("eu-1", { spec: { accepted: true, region: "eu-west-1", environment: "production" } }),
    registration("us-1", { status: { agentVersion: "0.0.9" } }),
  ]);
  for (const { metadata } of registrations.all()) heartbeats.register(metadata.name, { intervalMs: 10_000, graceMs: 30_000 });
  const metrics = new RegistrationMetrics(registry, { registrations, heartbeats, notProbed: new NotProbedChecks(), assigned: (cluster) => (cluster === "eu-1" ? 3 : undefined) });
  const series = async (name = "sightline_cluster"): Promise<string[]> => (await registry.metrics()).split("\n").filter((line) => line.startsWith(name));
  return { registrations, heartbeats, metrics, series };
}

describe("the metrics of clusters", () => {
  it("say what the last heartbeat said, and nothing of it before the first", async () => {
    const { heartbeats, series } = bench();
    heartbeats.heartbeat("eu-1", heartbeat({ sentAt: NOW + 1500, outbox: { queued: 4, lost: 5 } }));
    expect(await series()).toEqual([
      'sightline_cluster_info{cluster="eu-1",region="eu-west-1",environment="production",agent_version="0.1.0"} 1',
      'sightline_cluster_info{cluster="us-1",region="",environment="",agent_version="0.0.9"} 1',
      'sightline_cluster_available{cluster="eu-1",region="eu-west-1"} 1',
      'sightline_cluster_available{cluster="us-1",region=""} 0',
      `sightline_cluster_last_heartbeat_timestamp_seconds{cluster="eu-1",region="eu-west-1"} ${NOW / 1000}`,
      'sightline_cluster_clock_offset_seconds{cluster="eu-1",region="eu-west-1"} 1.5',
      'sightline_cluster_probes_per_second{cluster="eu-1",region="eu-west-1"} 0.5',
      'sightline_cluster_assigned_monitors{cluster="eu-1",region="eu-west-1"} 3',
      'sightline_cluster_outbox_queued{cluster="eu-1",region="eu-west-1"} 4',
      'sightline_cluster_outbox_lost_total{cluster="eu-1",region="eu-west-1"} 5',
      'sightline_cluster_checks_not_probed{cluster="eu-1",region="eu-west-1"} 0',
      'sightline_cluster_checks_not_probed{cluster="us-1",region=""} 0',
    ]);
  });

  it("say of a cluster that is not judged yet what was said before", async () => {
    const { registrations, series } = bench();
    registrations.set(registration("us-1", { status: { conditions: [{ type: "Available", status: "True", reason: "HeartbeatReceived", message: "", lastTransitionTime: "2026-01-01T00:00:00Z" }] } }));
    expect(await series("sightline_cluster_available")).toEqual(['sightline_cluster_available{cluster="eu-1",region="eu-west-1"} 0', 'sightline_cluster_available{cluster="us-1",region=""} 1']);
  });

  it("go away with the registration", async () => {
    const { registrations, heartbeats, series } = bench();
    heartbeats.heartbeat("eu-1", heartbeat({ sentAt: NOW }));
    registrations.delete("eu-1");
    const left = await series();
    expect(left).toHaveLength(3);
    expect(left.filter((line) => line.includes("eu-1"))).toEqual([]);
  });

  it("count heartbeats by what became of them, from 0", async () => {
    const { metrics, series } = bench();
    metrics.heartbeat("refused");
    expect(await series("sightline_heartbeats_total")).toEqual(
      ["accepted", "outdated", "skewed", "refused", "invalid", "unknown_key", "unsigned", "bad_signature"].map((outcome) => `sightline_heartbeats_total{outcome="${outcome}"} ${outcome === "refused" ? 1 : 0}`),
    );
  });
});
