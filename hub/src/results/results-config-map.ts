import { RESULTS_TRUNCATED_LABEL } from "@sightline/shared/api";
import { resultsLabels, resultsName, resultsOwner } from "../controllers/httpmonitor/cleanup.ts";
import type { StoredConfigMap, WantedConfigMap } from "../kube/config-maps.ts";
import type { MonitorPlan } from "../monitors/plan.ts";
import type { ClusterReport } from "./report.ts";

/** A ConfigMap holds at most 1 MiB; ours keeps this distance, in bytes of keys and values. */
const MAX_BYTES = 900 * 1024;

/** The results ConfigMap that a monitor should have. Pure. */
export function wantedResults(plan: MonitorPlan, reports: readonly ClusterReport[]): WantedConfigMap {
  const entries = reports.map((report) => [`cluster-${report.cluster}.json`, renderReport(plan, report)] as const);
  const { data, truncated } = bounded(entries, reports);
  return {
    namespace: plan.namespace,
    name: resultsName(plan.name),
    labels: { ...resultsLabels(plan.name), ...(truncated ? { [RESULTS_TRUNCATED_LABEL]: "true" } : {}) },
    owner: resultsOwner(plan),
    data,
  };
}

/** Whether what is stored is what is wanted, in all that is ours. */
export function isUpToDate(stored: StoredConfigMap, wanted: WantedConfigMap): boolean {
  const truncated = stored.labels[RESULTS_TRUNCATED_LABEL] === wanted.labels[RESULTS_TRUNCATED_LABEL];
  return truncated && sameTexts(stored.data, wanted.data);
}

/** The contract's keys, in the contract's order. */
function renderReport(plan: MonitorPlan, report: ClusterReport): string {
  return JSON.stringify({
    cluster_id: report.cluster,
    url: plan.check.url,
    timestamp: new Date(report.timestamp).toISOString(),
    duration_ms: report.durationMs ?? 0,
    status_code: report.statusCode ?? 0,
    success: report.status === "Success",
    error: report.errorMessage ?? "",
  });
}

type Entry = readonly [key: string, value: string];

/** Past the bound, clusters that passed are left out, last ones first; then, if it must be, others. */
function bounded(entries: readonly Entry[], reports: readonly ClusterReport[]): { data: Record<string, string>; truncated: boolean } {
  let bytes = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  if (bytes <= MAX_BYTES) return { data: Object.fromEntries(entries), truncated: false };
  const expendable = entries.map((entry, index) => ({ entry, passed: reports[index]?.status === "Success" })).toReversed().toSorted((a, b) => Number(b.passed) - Number(a.passed));
  const dropped = new Set<string>();
  for (const { entry } of expendable) {
    if (bytes <= MAX_BYTES) break;
    dropped.add(entry[0]);
    bytes -= sizeOf(entry);
  }
  return { data: Object.fromEntries(entries.filter(([key]) => !dropped.has(key))), truncated: true };
}

function sizeOf([key, value]: Entry): number {
  return Buffer.byteLength(key) + Buffer.byteLength(value);
}

function sameTexts(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
