import { Counter, Gauge, type Metric, Registry } from "prom-client";
import type { ProbeResult } from "@sightline/shared/wire";
import type { MonitorState } from "./monitor-state.ts";

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
  held: { epoch: number; generation: number; count: number };
  natsConnected: boolean;
}

export interface AgentMetrics {
  probes: Counter<"result">;
  skipped: Counter;
  /** The exposition, in Prometheus' text format. */
  render(): Promise<string>;
  contentType: string;
}

/** Each gauge or counter that mirrors a figure: name, help, and where it comes from. */
const FIGURES: { name: string; help: string; type: "gauge" | "counter"; read: (figures: AgentFigures) => number }[] = [
  { name: "sightline_agent_checks", help: "Checks that are scheduled.", type: "gauge", read: (f) => f.checks },
  { name: "sightline_agent_checks_not_probed", help: "Checks that wait for their turn for longer than an interval, or cannot be read.", type: "gauge", read: (f) => f.checksNotProbed },
  { name: "sightline_agent_probes_running", help: "Probes under way.", type: "gauge", read: (f) => f.probesRunning },
  { name: "sightline_agent_probes_waiting", help: "Probes that are due and wait for a running one to end.", type: "gauge", read: (f) => f.probesWaiting },
  { name: "sightline_agent_outbox_queued", help: "Results that the hub's stream has not acknowledged yet.", type: "gauge", read: (f) => f.outboxQueued },
  { name: "sightline_agent_outbox_lost_total", help: "Results given up since the start.", type: "counter", read: (f) => f.outboxLost },
  { name: "sightline_agent_assignment_resets_total", help: "How often reading the assignments started over.", type: "counter", read: (f) => f.assignmentResets },
  { name: "sightline_agent_assignments_unreadable", help: "Assignments of the held set that cannot be read, and are not run.", type: "gauge", read: (f) => f.unreadableAssignments },
  { name: "sightline_agent_heads_unreadable_total", help: "Heads that could not be read.", type: "counter", read: (f) => f.unreadableHeads },
  { name: "sightline_agent_held_epoch", help: "Epoch of the held assignment set; 0 before the first one.", type: "gauge", read: (f) => f.held.epoch },
  { name: "sightline_agent_held_generation", help: "Generation of the held assignment set.", type: "gauge", read: (f) => f.held.generation },
  { name: "sightline_agent_held_assignments", help: "Assignments in the held set.", type: "gauge", read: (f) => f.held.count },
  { name: "sightline_agent_nats_connected", help: "1 while the connection to NATS is up.", type: "gauge", read: (f) => Number(f.natsConnected) },
];

type Labels = { namespace: string; monitor: string; cluster: string; region: string };

/** The series per monitor, with the names that dashboards know from blackbox_exporter. */
const MONITOR_SERIES: { name: string; help: string; samples: (result: ProbeResult) => { value: number; phase?: string }[] }[] = [
  { name: "probe_success", help: "Whether the last probe succeeded.", samples: ({ success }) => [{ value: Number(success) }] },
  { name: "probe_duration_seconds", help: "How long the last probe took.", samples: ({ durationMs }) => [{ value: durationMs / 1000 }] },
  { name: "probe_http_duration_seconds", help: "Time of each phase of the last probe, over all redirects.", samples: ({ phases }) => phaseSamples(phases) },
  { name: "probe_http_status_code", help: "Status code of the last response; 0 without one.", samples: ({ statusCode }) => [{ value: statusCode }] },
  {
    name: "probe_ssl_earliest_cert_expiry",
    help: "Earliest end of the certificates seen, in seconds since the Unix epoch.",
    samples: ({ certificateExpiresAt }) => (certificateExpiresAt === undefined ? [] : [{ value: certificateExpiresAt }]),
  },
];

/** Our phases by the names that blackbox_exporter gave them. */
const PHASE_LABELS = { dns: "resolve", connect: "connect", tls: "tls", firstByte: "processing", transfer: "transfer" } as const;

export function agentMetrics(options: { cluster: string; region: () => string; monitors: MonitorState; figures: () => AgentFigures }): AgentMetrics {
  const registry = new Registry();
  const registers = [registry];
  const probes = new Counter({ name: "sightline_agent_probes_total", help: "Probes made, by result.", labelNames: ["result"], registers });
  for (const result of ["success", "failed"] as const) probes.inc({ result }, 0);
  const skipped = new Counter({ name: "sightline_agent_probes_skipped_total", help: "Probes that were due and not made: the one before had not ended, or not even begun.", registers });
  for (const figure of FIGURES) registry.registerMetric(figureMetric(figure, options.figures));
  return {
    probes,
    skipped,
    contentType: registry.contentType,
    render: async () => (await registry.metrics()) + monitorSeries(options),
  };
}

function figureMetric({ name, help, type, read }: (typeof FIGURES)[number], figures: () => AgentFigures): Metric {
  if (type === "gauge") {
    return new Gauge({
      name,
      help,
      registers: [],
      collect() {
        this.set(read(figures()));
      },
    });
  }
  return new Counter({
    name,
    help,
    registers: [],
    collect() {
      this.reset();
      this.inc(read(figures()));
    },
  });
}

/** Rendered from the state when asked for: no series to keep up to date per probe, and none left of a check that is gone. */
function monitorSeries({ cluster, region, monitors }: { cluster: string; region: () => string; monitors: MonitorState }): string {
  const results = [...monitors.results()].map((result) => ({ result, labels: { namespace: result.namespace, monitor: result.name, cluster, region: region() } }));
  if (results.length === 0) return "";
  return MONITOR_SERIES.map(({ name, help, samples }) => {
    const lines = results.flatMap(({ result, labels }) => samples(result).map(({ value, phase }) => `${name}{${labelText(labels, phase)}} ${value}`));
    return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...lines, ""].join("\n");
  }).join("");
}

function phaseSamples(phases: ProbeResult["phases"]): { value: number; phase: string }[] {
  return (["dns", "connect", "tls", "firstByte", "transfer"] as const).map((phase) => ({ value: (phases[phase] ?? 0) / 1000, phase: PHASE_LABELS[phase] }));
}

function labelText(labels: Labels, phase: string | undefined): string {
  const all = phase === undefined ? labels : { ...labels, phase };
  return Object.entries(all).map(([name, value]) => `${name}="${escaped(value)}"`).join(",");
}

/** Prometheus text format: backslash, quote and line break are escaped in label values. */
function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
