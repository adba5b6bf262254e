import type { ProbeResult } from "@sightline/shared/wire";
import { describe, expect, it } from "vitest";
import { agentMetrics, type AgentMetrics } from "./metrics.ts";
import { MonitorState } from "./monitor-state.ts";

const result: ProbeResult = {
  uid: "00000000-0000-4000-8000-000000000001",
  namespace: "shop",
  name: "cart",
  checkHash: "h",
  scheduledAt: 0,
  endedAt: 0,
  agentEpoch: 1,
  sequence: 1,
  success: true,
  statusCode: 200,
  durationMs: 125,
  phases: { dns: 1, connect: 2, tls: 3, firstByte: 100, transfer: 19 },
  certificateExpiresAt: 1_900_000_000,
};

function bench(): { monitors: MonitorState; metrics: AgentMetrics } {
  const monitors = new MonitorState();
  const metrics = agentMetrics({
    cluster: "eu-1",
    region: () => 'eu"west',
    monitors,
    figures: () => ({
      checks: 3,
      checksNotProbed: 2,
      probesRunning: 1,
      probesWaiting: 2,
      outboxQueued: 4,
      outboxLost: 5,
      assignmentResets: 6,
      unreadableAssignments: 7,
      unreadableHeads: 8,
      forgedHeads: 12,
      held: { epoch: 9, generation: 10, count: 11 },
      natsConnected: true,
    }),
  });
  return { monitors, metrics };
}

async function textOf(metrics: AgentMetrics): Promise<string> {
  return (await Array.fromAsync(metrics.render())).join("");
}

describe("the agent's metrics", () => {
  it("have the names and labels that dashboards know, per monitor", async () => {
    const { monitors, metrics } = bench();
    monitors.record(result);
    const lines = (await textOf(metrics)).split("\n").filter((line) => line.startsWith("probe_"));
    const labels = 'namespace="shop",monitor="cart",cluster="eu-1",region="eu\\"west"';
    expect(lines).toEqual([
      `probe_success{${labels}} 1`,
      `probe_duration_seconds{${labels}} 0.125`,
      `probe_http_duration_seconds{${labels},phase="resolve"} 0.001`,
      `probe_http_duration_seconds{${labels},phase="connect"} 0.002`,
      `probe_http_duration_seconds{${labels},phase="tls"} 0.003`,
      `probe_http_duration_seconds{${labels},phase="processing"} 0.1`,
      `probe_http_duration_seconds{${labels},phase="transfer"} 0.019`,
      `probe_http_status_code{${labels}} 200`,
      `probe_ssl_earliest_cert_expiry{${labels}} 1900000000`,
    ]);
  });

  it("show the figures of the agent itself, the same when asked twice", async () => {
    const { metrics } = bench();
    metrics.probes.inc({ result: "failed" });
    await textOf(metrics);
    const own = (await textOf(metrics)).split("\n").filter((line) => line.startsWith("sightline_agent_"));
    expect(own).toEqual([
      'sightline_agent_probes_total{result="success"} 0',
      'sightline_agent_probes_total{result="failed"} 1',
      "sightline_agent_probes_skipped_total 0",
      "sightline_agent_checks 3",
      "sightline_agent_checks_not_probed 2",
      "sightline_agent_probes_running 1",
      "sightline_agent_probes_waiting 2",
      "sightline_agent_outbox_queued 4",
      "sightline_agent_outbox_lost_total 5",
      "sightline_agent_assignment_resets_total 6",
      "sightline_agent_assignments_unreadable 7",
      "sightline_agent_heads_unreadable_total 8",
      "sightline_agent_heads_forged_total 12",
      "sightline_agent_held_epoch 9",
      "sightline_agent_held_generation 10",
      "sightline_agent_held_assignments 11",
      "sightline_agent_nats_connected 1",
    ]);
  });

  it("have no series left of a monitor that is gone", async () => {
    const { monitors, metrics } = bench();
    monitors.record(result);
    monitors.forget(result.uid);
    expect(await textOf(metrics)).not.toMatch(/^probe_/m);
  });
});
