import { type Damping, MAX_WINDOW, type PairState } from "@sightline/shared/wire";
import { isDamped, type Thresholds } from "../monitors/thresholds.ts";

/**
 * Flap damping of one cluster's results: a state machine over successes and failures in the agent's order. Pure.
 *
 * Results from before the last change of state are spent: after a recovery it takes the whole number of failures again.
 * A threshold that changes counts from the next result on, over what is remembered.
 */
export function damp(before: Damping, success: boolean, thresholds: Thresholds): Pick<Damping, "passed" | "recent"> {
  const recent = `${before.recent}${success ? "1" : "0"}`.slice(-MAX_WINDOW);
  const turns = success ? !before.passed && succeeds(recent, thresholds) : before.passed && fails(recent, thresholds);
  return turns ? { passed: success, recent: "" } : { passed: before.passed, recent };
}

function fails(recent: string, { failures, window }: Thresholds): boolean {
  return recent.slice(-window).replaceAll("1", "").length >= failures;
}

function succeeds(recent: string, { successes }: Thresholds): boolean {
  return recent.endsWith("1".repeat(successes));
}

/** A newer result of a pair together with what damping makes of it. The first result of a check decides at once. */
export function dampedPair(known: PairState | undefined, arrived: PairState, thresholds: Thresholds): PairState {
  if (!isDamped(thresholds)) return arrived;
  const before = known?.checkHash === arrived.checkHash ? known : undefined;
  const next = before === undefined ? fresh(arrived) : damp(before.damping ?? fresh(before), arrived.success, thresholds);
  // A failed result speaks for itself.
  const failure = next.passed || !arrived.success || before === undefined ? undefined : failureOf(before);
  return { ...arrived, damping: { ...next, ...(failure === undefined ? {} : { failure }) } };
}

function fresh({ success }: PairState): Damping {
  return { passed: success, recent: "" };
}

/** The failure for which a pair counts as failed: its last result, or, while damping waits for more successes, an earlier one. */
export function failureOf(pair: PairState): Damping["failure"] {
  const { success, endedAt, error, damping } = pair;
  if (success) return damping?.failure;
  return { endedAt, ...(error === undefined ? {} : { error }) };
}

/** Whether a cluster with this last result counts as passed. */
export function countsAsPassed(pair: PairState, thresholds: Thresholds): boolean {
  return isDamped(thresholds) ? (pair.damping?.passed ?? pair.success) : pair.success;
}
