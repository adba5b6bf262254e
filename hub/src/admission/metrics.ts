import { counter, histogram, METRICS } from "@sightline/shared/metrics";
import type { Registry } from "prom-client";
import type { Review } from "./configuration.ts";
import type { ReviewOutcome } from "./judge.ts";
import type { AdmissionRequest } from "./types.ts";

const OUTCOMES: readonly ReviewOutcome[] = ["allowed", "refused", "failed"];

const UNREADABLE = { operation: "unknown", outcome: "invalid" };

/** Counts what is reviewed. Of every replica: each serves what the API server happens to send it. */
export class AdmissionMetrics {
  readonly #requests;
  readonly #duration;

  constructor(registry: Registry) {
    this.#requests = counter(registry, METRICS.admissionRequests);
    this.#duration = histogram(registry, METRICS.admissionDuration);
    for (const outcome of OUTCOMES) for (const operation of ["create", "update"]) this.#requests.inc({ operation, outcome }, 0);
    this.#requests.inc(UNREADABLE, 0);
  }

  /** One answered review. Only the second of the two counts a request that passed the first one. */
  reviewed(review: Review, { operation }: AdmissionRequest, outcome: ReviewOutcome, seconds: number): void {
    this.#duration.observe({ review }, seconds);
    if (review === "validate" || outcome !== "allowed") this.#requests.inc({ operation: operation.toLowerCase(), outcome });
  }

  /** One that could not be read. */
  invalid(): void {
    this.#requests.inc(UNREADABLE);
  }
}
