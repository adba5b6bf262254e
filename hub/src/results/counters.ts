import { counter, METRICS } from "@sightline/shared/metrics";
import type { Counter, Registry } from "prom-client";
import { type Distrust, DISTRUSTS } from "../agents/agent-signature.ts";
import type { IngestTally } from "./ingest.ts";
import { DROP_REASONS, type DropReason } from "./store.ts";

/** What ingest counts. */
export class IngestCounters implements IngestTally {
  readonly #ingested: Counter;
  readonly #dropped: Counter<"reason">;
  readonly #parked: Counter;
  readonly #refused: Counter<"reason">;

  constructor(registry: Registry) {
    this.#ingested = counter(registry, METRICS.resultsIngested);
    this.#dropped = counter(registry, METRICS.resultsDropped);
    this.#parked = counter(registry, METRICS.resultsParked);
    this.#refused = counter(registry, METRICS.resultsRefused);
    for (const reason of DISTRUSTS) this.#refused.inc({ reason }, 0);
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

  refused(reason: Distrust): void {
    this.#refused.inc({ reason });
  }
}
