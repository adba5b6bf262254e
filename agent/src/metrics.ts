import { counter, exposition, liveFigure, METRICS, pairSeries, processMetrics, type ShownPair } from "@sightline/shared/metrics";
import { type Counter, Registry } from "prom-client";
import type { MonitorState } from "./monitor-state.ts";
import { AGENT_VERSION } from "./version.ts";

/** Figures that are read when `/metrics` is asked for. */
export interface AgentFigures {
  checks: number;
  checksNotProbed: number;
  probesRunning: number;
  probesWaiting: number;
  outboxQueued: number;
  outboxLost: number;
  assignmentResets: number;
  unreadableAssignments: number;
  unreadableHeads: number;
  forgedHeads: number;
  held: { epoch: number; generation: number; count: number };
  natsConnected: boolean;
}

export interface AgentMetrics {
  probes: Counter<"result">;
  skipped: Counter;
  /** The exposition, in Prometheus' text format, a slice at a time. */
  render(): AsyncIterable<string>;
}

interface AgentMetricsOptions {
  cluster: string;
  region: () => string;
  monitors: MonitorState;
  figures: () => AgentFigures;
}

export function agentMetrics({ cluster, region, monitors, figures }: AgentMetricsOptions): AgentMetrics {
  const registry = new Registry();
  const probes = counter(registry, METRICS.agentProbes);
  for (const result of ["success", "failed"] as const) probes.inc({ result }, 0);
  const skipped = counter(registry, METRICS.agentProbesSkipped);
  registerFigures(registry, figures);
  pairSeries(registry, () => shownPairs({ cluster, region: region(), monitors }));
  processMetrics(registry, AGENT_VERSION);
  return { probes, skipped, render: () => exposition([registry]) };
}

function registerFigures(registry: Registry, figures: () => AgentFigures): void {
  liveFigure(registry, METRICS.agentChecks, () => figures().checks);
  liveFigure(registry, METRICS.agentChecksNotProbed, () => figures().checksNotProbed);
  liveFigure(registry, METRICS.agentProbesRunning, () => figures().probesRunning);
  liveFigure(registry, METRICS.agentProbesWaiting, () => figures().probesWaiting);
  liveFigure(registry, METRICS.agentOutboxQueued, () => figures().outboxQueued);
  liveFigure(registry, METRICS.agentOutboxLost, () => figures().outboxLost);
  liveFigure(registry, METRICS.agentAssignmentResets, () => figures().assignmentResets);
  liveFigure(registry, METRICS.agentAssignmentsUnreadable, () => figures().unreadableAssignments);
  liveFigure(registry, METRICS.agentHeadsUnreadable, () => figures().unreadableHeads);
  liveFigure(registry, METRICS.agentHeadsForged, () => figures().forgedHeads);
  liveFigure(registry, METRICS.agentHeldEpoch, () => figures().held.epoch);
  liveFigure(registry, METRICS.agentHeldGeneration, () => figures().held.generation);
  liveFigure(registry, METRICS.agentHeldAssignments, () => figures().held.count);
  liveFigure(registry, METRICS.agentNatsConnected, () => Number(figures().natsConnected));
}

function* shownPairs({ cluster, region, monitors }: { cluster: string; region: string; monitors: MonitorState }): Iterable<ShownPair> {
  for (const outcome of monitors.results()) yield { labels: { namespace: outcome.namespace, monitor: outcome.name, cluster, region }, outcome };
}
