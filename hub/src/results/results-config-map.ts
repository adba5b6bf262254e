import { contentHash } from "@sightline/shared";
import { type ObjectMeta, RESULTS_DIGEST_ANNOTATION, RESULTS_LABELS, RESULTS_MONITOR_LABEL, RESULTS_TRUNCATED_LABEL } from "@sightline/shared/api";
import { resultsLabels, resultsName, resultsOwner } from "../controllers/httpmonitor/cleanup.ts";
import { parseConfigMap, type StoredConfigMap, type WantedConfigMap } from "../kube/config-maps.ts";
import type { MonitorPlan } from "../monitors/plan.ts";
import type { ClusterReport } from "./report.ts";

/** A ConfigMap holds at most 1 MiB; ours keeps this distance, in bytes of keys and values. */
const MAX_BYTES = 900 * 1024;

/** The results ConfigMap that a monitor should have. Pure. */
export function wantedResults(plan: MonitorPlan, reports: readonly ClusterReport[]): WantedConfigMap {
  const entries = reports.map((report) => [`cluster-${report.cluster}.json`, renderReport(plan, report)] as const);
  const { data, truncated } = bounded(entries, reports);
  const labels = { ...resultsLabels(plan.name), ...(truncated ? { [RESULTS_TRUNCATED_LABEL]: "true" } : {}) };
  const owner = resultsOwner(plan);
  const annotations = { [RESULTS_DIGEST_ANNOTATION]: contentDigest({ labels, ownerUids: [owner.uid], data }) };
  return { namespace: plan.namespace, name: resultsName(plan.name), labels, withoutLabels: truncated ? [] : [RESULTS_TRUNCATED_LABEL], annotations, owner, data };
}

type Content = Pick<StoredConfigMap, "labels" | "ownerUids" | "data">;

const OUR_LABELS: ReadonlySet<string> = new Set([...Object.keys(RESULTS_LABELS), RESULTS_MONITOR_LABEL, RESULTS_TRUNCATED_LABEL]);

/** A hash of everything that is ours in the ConfigMap: labels, owner, results. */
function contentDigest({ labels, ownerUids, data }: Content): string {
  const ours = Object.fromEntries(Object.entries(labels).filter(([label]) => OUR_LABELS.has(label)));
  return contentHash([ours, ownerUids, data]);
}

/**
 * Whether the ConfigMap is this monitor's, also when somebody took one of its marks away: two of our labels, our digest
 * and the owner are enough. One that is another object's is never ours.
 */
export function isOursToMend({ labels, annotations, ownerUids }: StoredConfigMap, { uid, name }: Pick<MonitorPlan, "uid" | "name">): boolean {
  if (ownerUids.length > 0 && !ownerUids.includes(uid)) return false;
  const labelled = Object.entries(resultsLabels(name)).every(([label, value]) => labels[label] === value);
  return [ownerUids.includes(uid), labelled, annotations[RESULTS_DIGEST_ANNOTATION] !== undefined].filter(Boolean).length >= 2;
}

/** What is kept of a results ConfigMap that was seen. */
export interface SeenResults {
  metadata: ObjectMeta;
  /** It holds what was written with its digest: nobody has edited it since. */
  intact: boolean;
  /** Of what was written; undefined where somebody took it away. */
  digest: string | undefined;
  ownerUids: string[];
}

/** @throws KubeError UNAVAILABLE when the value is no ConfigMap. */
export function parseSeenResults(value: unknown): SeenResults {
  return seenResults(parseConfigMap(value));
}

export function seenResults(stored: StoredConfigMap): SeenResults {
  const { namespace, name, uid, resourceVersion, ownerUids } = stored;
  return { metadata: { namespace, name, uid, resourceVersion }, intact: isIntact(stored), digest: digestOf(stored), ownerUids };
}

function isIntact(stored: StoredConfigMap): boolean {
  return digestOf(stored) === contentDigest(stored);
}

function digestOf({ annotations }: Pick<StoredConfigMap, "annotations">): string | undefined {
  return annotations[RESULTS_DIGEST_ANNOTATION];
}

/** Whether what is stored is what is wanted, in all that is ours. */
export function isUpToDate({ intact, digest }: Pick<SeenResults, "intact" | "digest">, wanted: WantedConfigMap): boolean {
  return intact && digest === digestOf(wanted);
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
