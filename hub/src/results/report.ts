import { formatDuration } from "@sightline/shared";
import { type ClusterResult, rfc3339 } from "@sightline/shared/api";
import { errorText, type PairState } from "./pair-state.ts";
import { type ClassifiedCluster, skippedText } from "./verdict.ts";

/** One cluster's line, for status and ConfigMap alike: the raw last result, with the reason when it does not count. */
export interface ClusterReport {
  cluster: string;
  status: NonNullable<ClusterResult["status"]>;
  /** Hub's clock, milliseconds: end of the last probe; before the first, when the check was given. */
  timestamp: number;
  /** Absent before the first result. */
  durationMs: number | undefined;
  /** Absent without a response. */
  statusCode: number | undefined;
  errorMessage: string | undefined;
}

/** How the message of a result ends that is stale for its cluster's silence. */
export const SILENT = ": the cluster is silent";

const MAX_CLUSTER_RESULTS = 100;
const MAX_ERROR_LENGTH = 512;

/** The line of one cluster. `pair` is the last result of all, also of an earlier check. */
export function reportOf(judged: ClassifiedCluster, pair: PairState | undefined): ClusterReport {
  const code = pair?.statusCode ?? 0;
  return {
    cluster: judged.cluster,
    status: statusOf(judged, pair),
    timestamp: pair?.endedAt ?? judged.since,
    durationMs: pair?.durationMs,
    statusCode: code === 0 ? undefined : code,
    errorMessage: messageFor(judged, pair)?.slice(0, MAX_ERROR_LENGTH),
  };
}

/** Shows the raw result: damping decides the verdict, not this line. */
function statusOf({ state }: ClassifiedCluster, pair: PairState | undefined): ClusterReport["status"] {
  if (state === "pending") return "Pending";
  if (state === "stale") return "Stale";
  return pair?.success === true ? "Success" : "Failed";
}

/** Instants rather than ages: a line that says the same need not be written again. */
function messageFor({ state, silent, skipped, since }: ClassifiedCluster, pair: PairState | undefined): string | undefined {
  if (state === "pending") return "waiting for the first result of this check";
  if (state !== "stale") return pair === undefined ? undefined : errorText(pair);
  if (skipped !== undefined && !silent) return skippedText(skipped);
  return `no result since ${rfc3339(pair?.endedAt ?? since)}${silent ? SILENT : ""}`;
}

/** The lines that a status shows: by cluster ID, at most 100, and failed ones first when some must be left out. */
export function clusterResults(reports: readonly ClusterReport[]): ClusterResult[] {
  const byName = (a: ClusterReport, b: ClusterReport): number => (a.cluster < b.cluster ? -1 : 1);
  const rank = ({ status }: ClusterReport): number => (status === "Failed" ? 0 : status === "Success" ? 2 : 1);
  const kept = reports.toSorted((a, b) => rank(a) - rank(b) || byName(a, b)).slice(0, MAX_CLUSTER_RESULTS);
  return kept.toSorted(byName).map((report) => lineOf(report));
}

function lineOf({ cluster, status, timestamp, durationMs, statusCode, errorMessage }: ClusterReport): ClusterResult {
  const line: ClusterResult = { clusterID: cluster, status };
  if (durationMs !== undefined) Object.assign(line, { timestamp: new Date(timestamp).toISOString(), duration: formatDuration(durationMs) });
  if (statusCode !== undefined) line.statusCode = statusCode;
  if (errorMessage !== undefined) line.errorMessage = errorMessage;
  return line;
}
