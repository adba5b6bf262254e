import { Counter, Gauge, type Registry } from "prom-client";
import type { IngestTally } from "./ingest.ts";
import { DROP_REASONS, type DropReason } from "./store.ts";

/** What ingest counts. Names and labels are relied upon (CONTRACT 5). */
export class IngestCounters implements IngestTally {
  readonly #ingested: Counter;
  readonly #dropped: Counter<"reason">;
  readonly #parked: Counter;
  readonly #lag: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#ingested = new Counter({ name: "sightline_results_ingested_total", help: "Results taken in.", registers });
    this.#dropped = new Counter({ name: "sightline_results_dropped_total", help: "Results that were not taken, by reason.", labelNames: ["reason"], registers });
    this.#parked = new Counter({ name: "sightline_results_parked_total", help: "Messages that could not be read and were parked.", registers });
    this.#lag = new Gauge({ name: "sightline_results_lag_seconds", help: "Age of the last results message when it was read.", registers });
    for (const reason of DROP_REASONS) this.#dropped.inc({ reason }, 0);
  }

  ingested(): void {
    this.#ingested.inc();
  }

  dropped(reason: DropReason): void {
    this.#dropped.inc({ reason });
  }

  parked(): void {
    this.#parked.inc();
  }

  messageRead(ageMs: number): void {
    this.#lag.set(Math.max(0, ageMs) / 1000);
  }
}
