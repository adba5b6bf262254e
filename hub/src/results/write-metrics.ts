import { Counter, Gauge, type Registry } from "prom-client";
import { WRITE_REASONS, type WriteBudget, type WritePacing, type WriteReason } from "./write-pacing.ts";

export interface WriteMetricsOptions {
  budget: WriteBudget;
  pacing: WritePacing;
  /** How many monitors share the budget. */
  monitors: () => number;
}

/** Where the budget of status writes stands (CONTRACT 2, lastCheck). */
export class WriteMetrics {
  readonly #writes: Counter<"reason">;

  constructor(registry: Registry, { budget, pacing, monitors }: WriteMetricsOptions) {
    const registers = [registry];
    this.#writes = new Counter({ name: "sightline_status_writes_total", help: "Writes of statuses, by why they were written.", labelNames: ["reason"], registers });
    for (const reason of WRITE_REASONS) this.#writes.inc({ reason }, 0);
    const refresh = new Gauge({
      name: "sightline_status_refresh_seconds",
      help: "Least time between two refreshes of a status: monitors through budget. A longer interval of a monitor comes first.",
      registers: [],
      collect() {
        this.set(monitors() / budget.refreshes);
      },
    });
    const waiting = new Gauge({
      name: "sightline_status_writes_waiting",
      help: "Statuses that wait for the budget, by why they are to be written.",
      labelNames: ["reason"],
      registers: [],
      collect() {
        for (const reason of WRITE_REASONS) this.set({ reason }, pacing.waiting(reason));
      },
    });
    for (const metric of [refresh, waiting]) registry.registerMetric(metric);
  }

  wrote(reason: WriteReason): void {
    this.#writes.inc({ reason });
  }
}
