import { counter, live, liveFigure, METRICS } from "@sightline/shared/metrics";
import type { Counter, Registry } from "prom-client";
import { WRITE_REASONS, type WriteBudget, type WritePacing, type WriteReason } from "./write-pacing.ts";

export interface WriteMetricsOptions {
  budget: WriteBudget;
  pacing: WritePacing;
  /** How many monitors share the budget. */
  monitors: () => number;
}

/** A refresh never waits: it comes when its period is over. */
const WAITING_REASONS = WRITE_REASONS.filter((reason) => reason !== "refresh");

/** Where the budget of status writes stands (CONTRACT 2, lastCheck). */
export class WriteMetrics {
  readonly #writes: Counter<"reason">;

  constructor(registry: Registry, { budget, pacing, monitors }: WriteMetricsOptions) {
    this.#writes = counter(registry, METRICS.statusWrites);
    for (const reason of WRITE_REASONS) this.#writes.inc({ reason }, 0);
    liveFigure(registry, METRICS.statusRefresh, () => monitors() / budget.refreshes);
    live(registry, METRICS.statusWritesWaiting, () => WAITING_REASONS.map((reason) => ({ labels: { reason }, value: pacing.waiting(reason) })));
    live(registry, METRICS.statusWriteBudget, () => [
      { labels: { kind: "transition" }, value: budget.transitions },
      { labels: { kind: "refresh" }, value: budget.refreshes },
    ]);
  }

  wrote(reason: WriteReason): void {
    this.#writes.inc({ reason });
  }
}
