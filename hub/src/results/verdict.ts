import type { Verdict } from "@sightline/shared/api";
import type { SkipReason } from "@sightline/shared/wire";
import { failureOf } from "./damping.ts";
import { errorText, type PairState } from "./pair-state.ts";

/** The state of one assigned cluster. Maintenance and slow come with richer verdicts, before `pending` and `passed`. */
export type ClusterState = "pending" | "stale" | "failed" | "passed";

/** What is known about one assigned cluster. Times on the hub's clock, in milliseconds. */
export interface ClusterFacts {
  cluster: string;
  /** Since when the check runs there, by the hub's plan. */
  since: number;
  /** Its heartbeats stopped, while the hub could hear. */
  silent: boolean;
  /** Its agent reports that it does not probe the check, and why. */
  skipped?: SkipReason | undefined;
  /** Its last result was stale already: only a newer one ends that, no grace does. */
  wasStale?: boolean;
  /** The last result for the present check. */
  last: PairState | undefined;
  /** Whether it counts as passed, after damping; where absent, the last result decides. */
  passed?: boolean;
}

/** The time by which a verdict is judged, on the hub's clock. What the hub could not hear proves nothing. */
export interface Moment {
  /** Ages are counted up to here: when the hub last heard, rather than the present. */
  now: number;
  /** Since when the hub hears without a break, and has heard everything from before. */
  heardSince: number;
}

export interface Timing {
  intervalMs: number;
  timeoutMs: number;
}

export interface ClassifiedCluster extends ClusterFacts {
  state: ClusterState;
  /** How long there has been no result: since the last one, or since one could be expected. */
  ageMs: number;
  /** When the state changes by time alone; undefined when it does not. */
  deadline: number | undefined;
}

/** Beyond interval and timeout, how long the first result may take: assignment, the agent's pacing, the batch. */
const FIRST_RESULT_GRACE_MS = 10_000;

/** Puts a cluster into the first state that applies (CONTRACT 4). */
export function classify(facts: ClusterFacts, timing: Timing, moment: Moment): ClassifiedCluster {
  const from = Math.max(facts.since, facts.last?.endedAt ?? 0);
  const deadline = Math.max(from, moment.heardSince) + allowedMs(facts, timing);
  const state = stateOf(facts, moment.now >= deadline);
  return { ...facts, state, ageMs: Math.max(0, moment.now - from), deadline: state === "stale" ? undefined : deadline };
}

/** A first result must come before the whole time is over; a later one may come at its end. */
function allowedMs({ last }: ClusterFacts, { intervalMs, timeoutMs }: Timing): number {
  return last === undefined ? intervalMs + timeoutMs + FIRST_RESULT_GRACE_MS : 2 * intervalMs + timeoutMs + 1;
}

function stateOf({ last, silent, skipped, wasStale, passed }: ClusterFacts, expired: boolean): ClusterState {
  if (last === undefined) return expired ? "stale" : "pending";
  if (expired || silent || skipped !== undefined || wasStale === true) return "stale";
  return (passed ?? last.success) ? "passed" : "failed";
}

export interface VerdictCounts {
  /** D: what counts into the denominator. */
  total: number;
  /** H. */
  healthy: number;
  failed: number;
  stale: number;
  pending: number;
}

export interface Judgement {
  status: Verdict;
  errorMessage: string;
  counts: VerdictCounts;
}

export interface VerdictInput {
  clusters: readonly ClassifiedCluster[];
  /** Why no cluster is assigned, without a full stop. */
  noClusterReason: string;
  /** The verdict that stands; undefined for a new monitor. */
  previous: { status: Verdict; errorMessage: string } | undefined;
}

type Row = "no-result" | "unhealthy" | "healthy" | "degraded";

/** The verdict over all clusters of a monitor: the table of CONTRACT 4. Row 2 (maintenance) comes with richer verdicts. */
export function judge({ clusters, noClusterReason, previous }: VerdictInput): Judgement {
  const counts = countStates(clusters);
  if (clusters.length === 0) return { status: "Unknown", errorMessage: noCluster(noClusterReason), counts };
  if (counts.pending > 0 && couldDecide(counts)) return { ...waiting(counts.pending, previous), counts };
  return { ...sentence(rowOf(counts), counts, clusters), counts };
}

function countStates(clusters: readonly ClassifiedCluster[]): VerdictCounts {
  const count = (state: ClusterState): number => clusters.filter((cluster) => cluster.state === state).length;
  return { total: clusters.length, healthy: count("passed"), failed: count("failed"), stale: count("stale"), pending: count("pending") };
}

/** Row 3: whether the pending clusters' first results could make a difference. */
function couldDecide(counts: VerdictCounts): boolean {
  const allPass = { ...counts, healthy: counts.healthy + counts.pending, pending: 0 };
  const allFail = { ...counts, failed: counts.failed + counts.pending, pending: 0 };
  return rowOf(allPass) !== rowOf(allFail);
}

/** Rows 4 to 7. */
function rowOf({ total, healthy, failed }: VerdictCounts): Row {
  if (healthy + failed === 0) return "no-result";
  if (healthy === 0) return "unhealthy";
  return healthy === total ? "healthy" : "degraded";
}

const WAITING = "Waiting for the first result of ";
const NO_CLUSTER = "No cluster is assigned: ";

function noCluster(reason: string): string {
  return `${NO_CLUSTER}${reason.replace(/\.$/, "")}.`;
}

/** Whether it is a verdict over results: what waits for the first ones, or has no cluster, says nothing about a target. */
export function isJudged({ errorMessage }: Pick<Judgement, "errorMessage">): boolean {
  return !errorMessage.startsWith(WAITING) && !errorMessage.startsWith(NO_CLUSTER);
}

/** As before; a verdict over no cluster, or one that waits itself, is none that could stand. */
function waiting(pending: number, previous: VerdictInput["previous"]): Pick<Judgement, "status" | "errorMessage"> {
  const stands = previous !== undefined && isJudged(previous);
  return stands ? previous : { status: "Unknown", errorMessage: `${WAITING}${pending} clusters.` };
}

function sentence(row: Row, counts: VerdictCounts, clusters: readonly ClassifiedCluster[]): Pick<Judgement, "status" | "errorMessage"> {
  const { total, healthy, failed } = counts;
  switch (row) {
    case "no-result":
      return { status: "Unknown", errorMessage: `No current result from any of ${total} clusters.` };
    case "healthy":
      return { status: "Healthy", errorMessage: "" };
    case "unhealthy":
      return { status: "Unhealthy", errorMessage: `${failed === total ? `All ${total} clusters failed.` : `Healthy: 0/${total} clusters.`} Last error: ${lastError(clusters)}` };
    case "degraded":
      return { status: "Degraded", errorMessage: `Healthy: ${healthy}/${total} clusters. Last error: ${lastError(clusters)}` };
  }
}

/** The newest failure's message (tie: first clusterID); without one, who has been without a result for longest. */
function lastError(clusters: readonly ClassifiedCluster[]): string {
  const failed = clusters.filter(({ state }) => state === "failed").map(({ cluster, last }) => ({ cluster, failure: last && failureOf(last) }));
  const newest = first(failed, (a, b) => (b.failure?.endedAt ?? 0) - (a.failure?.endedAt ?? 0));
  if (newest !== undefined) return errorText(newest.failure ?? {}) ?? "the probe failed";
  const oldest = first(clusters.filter(({ state }) => state === "stale"), (a, b) => b.ageMs - a.ageMs);
  return oldest === undefined ? "" : `${oldest.cluster}: ${whyStale(oldest)}`;
}

function whyStale({ silent, skipped, ageMs }: ClassifiedCluster): string {
  return skipped === undefined || silent ? `no result for ${Math.round(ageMs / 1000)} s` : skippedText(skipped);
}

const SKIP_TEXTS: Record<SkipReason, string> = { overloaded: "overloaded", unreadable: "the assignment cannot be read" };

/** What is said of a check that its agent does not probe. */
export function skippedText(reason: SkipReason): string {
  return `skipped by the agent: ${SKIP_TEXTS[reason]}`;
}

function first<T extends { cluster: string }>(clusters: readonly T[], order: (a: T, b: T) => number): T | undefined {
  return clusters.toSorted((a, b) => order(a, b) || (a.cluster < b.cluster ? -1 : 1))[0];
}

/** When the verdict could change by time alone; undefined when it cannot. */
export function nextDeadline(clusters: readonly ClassifiedCluster[]): number | undefined {
  const deadlines = clusters.flatMap(({ deadline }) => deadline ?? []);
  return deadlines.length === 0 ? undefined : Math.min(...deadlines);
}
