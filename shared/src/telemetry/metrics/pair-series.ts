import type { Registry } from "prom-client";
import type { Phases, ProbeResult } from "../../wire/result.ts";
import { METRICS } from "./catalogue.ts";
import { live } from "./make.ts";
import type { LabelValues, Sample } from "./spec.ts";

export type PairLabels = LabelValues<"namespace" | "monitor" | "cluster" | "region">;

/** What the last probe of a monitor from a cluster came to. */
export type PairOutcome = Pick<ProbeResult, "success" | "durationMs" | "phases" | "statusCode" | "certificateExpiresAt">;

export interface ShownPair {
  labels: PairLabels;
  outcome: PairOutcome;
}

/** Our phases by the names that blackbox_exporter gave them. */
const PHASES: readonly (readonly [keyof Phases, label: string])[] = [
  ["dns", "resolve"],
  ["connect", "connect"],
  ["tls", "tls"],
  ["firstByte", "processing"],
  ["transfer", "transfer"],
];

/**
 * The series per monitor and cluster: no series to keep up to date with each probe, and none left of a pair that is gone.
 * @param pairs asked once for each metric, at each scrape.
 */
export function pairSeries(registry: Registry, pairs: () => Iterable<ShownPair>): void {
  const perPair = (valueOf: (outcome: PairOutcome) => number | undefined) =>
    function* (): Iterable<Sample<keyof PairLabels>> {
      for (const { labels, outcome } of pairs()) {
        const value = valueOf(outcome);
        if (value !== undefined) yield { labels, value };
      }
    };
  live(registry, METRICS.probeSuccess, perPair(({ success }) => Number(success)));
  live(registry, METRICS.probeDuration, perPair(({ durationMs }) => durationMs / 1000));
  live(registry, METRICS.probePhases, () => phaseSamples(pairs()));
  live(registry, METRICS.probeStatusCode, perPair(({ statusCode }) => statusCode));
  live(registry, METRICS.probeCertificateExpiry, perPair(({ certificateExpiresAt }) => certificateExpiresAt));
}

/** A phase that did not take place took no time. */
function* phaseSamples(pairs: Iterable<ShownPair>): Iterable<Sample<keyof PairLabels | "phase">> {
  for (const { labels, outcome } of pairs) {
    for (const [phase, label] of PHASES) yield { labels: { ...labels, phase: label }, value: (outcome.phases[phase] ?? 0) / 1000 };
  }
}
