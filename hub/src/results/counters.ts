import { counter, METRICS } from "@sightline/shared/metrics";
import type { Counter, Registry } from "prom-client";
import type { IngestTally } from "./ingest.ts";
import { DROP_REASONS, type DropReason } from "./store.ts";

/** What ingest counts. */
export class IngestCounters implements IngestTally {
  readonly #ingested: Counter;
  readonly #dropped: Counter<"reason">;
  readonly #parked: Counter;

  constructor(registry: Registry) {
    this.#ingested = counter(registry, METRICS.resultsIngested);
    this.#dropped = counter(registry, METRICS.resultsDropped);
    this.#parked = counter(registry, METRICS.resultsParked);
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
}
