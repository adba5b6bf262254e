import { Counter, Gauge, type Registry } from "prom-client";
import type { StatusBoard } from "./status-board.ts";

const VERDICTS = ["Healthy", "Degraded", "Unhealthy", "Unknown"] as const;

/** The aggregated series. They are rendered from what is shown at scrape time: a deleted monitor's are gone at once. */
export function registerStatusMetrics(registry: Registry, board: StatusBoard): void {
  const status = new Gauge({
    name: "httpmonitor_status",
    help: "1 for the verdict that a monitor shows now, 0 for the others.",
    labelNames: ["namespace", "monitor", "status"],
    registers: [],
    collect() {
      this.reset();
      for (const { namespace, monitor, status: shown } of board.all()) {
        for (const verdict of VERDICTS) this.set({ namespace, monitor, status: verdict }, verdict === shown ? 1 : 0);
      }
    },
  });
  const clusters = new Gauge({
    name: "httpmonitor_clusters",
    help: "Assigned clusters of a monitor by their state.",
    labelNames: ["namespace", "monitor", "state"],
    registers: [],
    collect() {
      this.reset();
      for (const { namespace, monitor, clusters: counts } of board.all()) {
        for (const [state, count] of Object.entries(counts)) this.set({ namespace, monitor, state }, count);
      }
    },
  });
  registry.registerMetric(status);
  registry.registerMetric(clusters);
  const transitions = new Counter({
    name: "httpmonitor_transitions_total",
    help: "Changes of a verdict, by the verdict that was reached. The first verdict of a new monitor is none.",
    labelNames: ["status"],
    registers: [registry],
  });
  for (const verdict of VERDICTS) transitions.inc({ status: verdict }, 0);
  board.onTransition((_plan, from, to) => {
    if (from !== undefined) transitions.inc({ status: to });
  });
}
