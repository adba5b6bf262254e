import { formatDuration } from "@sightline/shared";
import { API_GROUP, type ClusterRegistration, type ClusterResult, type HTTPMonitor, type MonitorPolicy, type Namespace, PLACEMENT_ANNOTATIONS } from "@sightline/shared/api";
import { CHECK_DEFAULTS, type CheckDefaults, checkOf } from "../monitors/check.ts";
import { place } from "../placement/place.ts";
import type { Choice } from "../placement/select.ts";
import { applyAgain } from "../security/authorship/authority.ts";
import { violationsOf } from "../security/policy/violations.ts";
import type { RecordView } from "./read-record.ts";

/** Everything that is read to explain a monitor. */
export interface ExplainView {
  monitor: HTTPMonitor;
  registrations: readonly ClusterRegistration[];
  /** Undefined when it is not known. */
  namespace: Namespace | undefined;
  /** What its record says, as far as can be known without the hub's key; absent: there is none. */
  record?: RecordView;
  /** Absent: they may not be read. */
  policies?: readonly MonitorPolicy[];
  /** How many monitors of the namespace are older; absent: that may not be read. */
  olderMonitors?: number;
  /** The hub's; absent: those of a hub that is told nothing else. */
  defaults?: CheckDefaults;
}

/** Why a monitor runs where it runs, as `sightline explain -o json` prints it. */
export interface Explanation {
  /** `namespace/name`. */
  monitor: string;
  check: {
    method: string;
    url: string;
    /** Go durations. */
    interval: string;
    timeout: string;
    /** Whether the spec names no timeout, so that it is the smaller of the hub's default and the interval. */
    timeoutIsDefault: boolean;
    expectedStatuses: string[];
    suspended: boolean;
  };
  /** The placement annotations that are set, without their prefix. */
  placement: Record<string, string>;
  /** Why the placement annotations cannot be read. */
  problem?: string;
  /** In whose name it runs if its record is genuine, which only the hub can tell; absent where nobody is recorded. */
  author?: { user: string; groups: string[]; time: string; matches: boolean };
  /** What policies do not allow. */
  violations: string[];
  /** What the status says; absent before there is one. */
  verdict?: { status: string; message: string };
  /** By name: every registered cluster, and those that the status still shows. */
  clusters: ExplainedCluster[];
  /** What this explanation cannot know. */
  notes: string[];
}

export interface ExplainedCluster {
  cluster: string;
  chosen: boolean;
  /** `Chosen`, or why not, in one word. */
  reason: string;
  message: string;
  /** What the cluster last said, from the monitor's status. */
  last?: ClusterResult;
}

/** Explains by the very code by which the hub decides. Pure. */
export function explain(view: ExplainView): Explanation {
  const { monitor } = view;
  const results = monitor.status?.clusterResults ?? [];
  const running = new Set(results.map(({ clusterID }) => clusterID));
  const author = view.record?.usable === undefined ? {} : { author: { name: view.record.author.name, usable: view.record.usable } };
  const { choices, problem } = place({ ...view, metadata: monitor.metadata, running, ...author });
  return {
    monitor: `${monitor.metadata.namespace ?? ""}/${monitor.metadata.name}`,
    check: checkPart(monitor, view.defaults ?? CHECK_DEFAULTS),
    placement: placementPart(monitor.metadata.annotations ?? {}),
    ...(problem === undefined ? {} : { problem }),
    ...authorPart(view.record),
    violations: violationsPart(view),
    ...verdictPart(monitor),
    clusters: clustersPart(choices, results),
    notes: [...notesOf(monitor, results), ...securityNotes(view)],
  };
}

function authorPart(record: RecordView | undefined): Pick<Explanation, "author"> {
  if (record === undefined) return {};
  const { author, time, matches } = record;
  return { author: { user: author.name, groups: author.groups, time, matches } };
}

function violationsPart({ policies = [], monitor: { metadata, spec }, namespace, olderMonitors = 0, defaults = CHECK_DEFAULTS }: ExplainView): string[] {
  const namespaceLabels = namespace === undefined ? undefined : (namespace.metadata.labels ?? {});
  return violationsOf(policies, { spec, namespace: metadata.namespace ?? "", namespaceLabels, olderMonitors, defaults }).map(({ message }) => message);
}

function securityNotes({ record, policies, monitor }: ExplainView): string[] {
  const refusal = monitor.status?.conditions?.find(({ type, reason }) => type === "Assigned" && reason === "NotAuthorized");
  return [
    ...(refusal === undefined ? [] : [`The hub, which alone can tell whether the record is genuine, says: ${refusal.message}.`]),
    ...(record === undefined ? ["Nobody is recorded as having asked for it: a hub lets nothing of it run, unless it was started with --place-unreviewed."] : []),
    ...(record?.matches === false ? [`Its record is not of what stands here: ${applyAgain(monitor)}. Until then the hub lets go on what was allowed before.`] : []),
    ...(record !== undefined && record.usable === undefined ? ["What its author may use cannot be known here (that takes the right to create subjectaccessreviews): the clusters are judged without it."] : []),
    ...(policies === undefined ? ["Policies may not be read here (that takes the right to list monitorpolicies): they are left out."] : []),
  ];
}

function checkPart({ spec }: HTTPMonitor, defaults: CheckDefaults): Explanation["check"] {
  const { method, url, intervalMs, timeoutMs, expectedStatuses } = checkOf(spec, defaults);
  return {
    method,
    url,
    interval: formatDuration(intervalMs),
    timeout: formatDuration(timeoutMs),
    timeoutIsDefault: spec.timeout === undefined,
    expectedStatuses,
    suspended: spec.suspend === true,
  };
}

function placementPart(annotations: Readonly<Record<string, string>>): Record<string, string> {
  const names: ReadonlySet<string> = new Set(Object.values(PLACEMENT_ANNOTATIONS));
  const set = Object.entries(annotations).filter(([name]) => names.has(name));
  return Object.fromEntries(set.map(([name, value]) => [name.slice(API_GROUP.length + 1), value]));
}

function verdictPart({ status }: HTTPMonitor): Pick<Explanation, "verdict"> {
  return status?.status === undefined ? {} : { verdict: { status: status.status, message: status.errorMessage ?? "" } };
}

function clustersPart(choices: readonly Choice[], results: readonly ClusterResult[]): ExplainedCluster[] {
  const last = new Map(results.map((result) => [result.clusterID, result]));
  const registered = new Set(choices.map(({ cluster }) => cluster));
  const gone = results.filter(({ clusterID }) => !registered.has(clusterID)).map(({ clusterID }) => ({ cluster: clusterID, chosen: false, reason: "NotRegistered", message: "no cluster of this name is registered any more" }));
  const known = choices.map((choice) => ({ cluster: choice.cluster, chosen: choice.chosen, reason: choice.chosen ? "Chosen" : choice.reason, message: choice.message }));
  return [...known, ...gone]
    .toSorted((a, b) => (a.cluster < b.cluster ? -1 : 1))
    .map((one) => {
      const result = last.get(one.cluster);
      return result === undefined ? one : { ...one, last: result };
    });
}

function notesOf({ status, metadata }: HTTPMonitor, results: readonly ClusterResult[]): string[] {
  const notes: string[] = [];
  const total = status?.totalClusterCount ?? 0;
  if (metadata.deletionTimestamp !== undefined) notes.push("The monitor is being deleted: it is withdrawn from every cluster.");
  if (total > results.length) notes.push(`The status lists ${results.length} of ${total} clusters: of the others it is not known here that the monitor runs there already.`);
  const behind = status !== undefined && (status.observedGeneration ?? 0) < (metadata.generation ?? 0);
  if (behind) notes.push("The hub has not yet taken the last change of the spec into its status.");
  return notes;
}
