import { type Condition, findCondition, type HTTPMonitorStatus, isConditionTrue, type Verdict } from "@sightline/shared/api";
import { type EventReason, isEventReason } from "../kube/event-reasons.ts";
import type { EventNote } from "../kube/events.ts";
import { type ClassifiedCluster, isJudged, judge } from "../results/verdict.ts";

/** An Event about a monitor, but for the monitor itself and the time. */
export type MonitorEvent = Pick<EventNote, "reason" | "message" | "identity">;

/** What was told of a monitor by Events, or need not be told because it stood before. */
export interface Told {
  /** The verdict; undefined before the first one. Differs from the one that stands while only missing results make it so. */
  verdict: Verdict | undefined;
  /** Why nothing (new) is assigned, for which spec and annotations; undefined while all is well. */
  placement: string | undefined;
  /** Somebody else's ConfigMap has the name of the results. */
  nameTaken: boolean;
}

type Clusters = readonly ClassifiedCluster[];

/** Of a monitor that has no status yet. */
export const NOTHING_TOLD: Told = { verdict: undefined, placement: undefined, nameTaken: false };

/**
 * What must have been told when `status` was written, as far as it can be known: a hub that has just begun to lead has
 * only what is stored. Where results are missing, the verdict without their absence is taken for the one that was told.
 */
export function toldBy(status: HTTPMonitorStatus | undefined, clusters: Clusters): Told {
  if (status?.status === undefined) return NOTHING_TOLD;
  const isMissing = status.clusterResults?.some((line) => line.status === "Stale") === true;
  const verdict = !isJudged({ errorMessage: status.errorMessage ?? "" }) ? undefined : isMissing ? ifAllReported(clusters, status.status) : status.status;
  return { verdict, placement: placementOf(status), nameTaken: isNameTaken(status) };
}

/** The Events for the status that stands now, and what has been told after them. Pure. */
export function monitorEvents(told: Told, status: HTTPMonitorStatus, clusters: Clusters): { told: Told; events: MonitorEvent[] } {
  const verdict = verdictToTell(told.verdict, status, clusters);
  const placement = placementOf(status);
  const nameTaken = isNameTaken(status);
  const events = [
    ...(verdict === told.verdict || told.verdict === undefined ? [] : [verdictEvent(status)]),
    ...(placement === told.placement ? [] : eventOf(findCondition(status.conditions, "Assigned"), placement ?? "")),
    ...(nameTaken && !told.nameTaken ? eventOf(findCondition(status.conditions, "ResultsPublished"), "") : []),
  ];
  return { told: { verdict, placement, nameTaken }, events };
}

/**
 * The verdict that should be told by now. The first one of a monitor is no transition. One that would be as it was if
 * everybody reported is no news of the target: a silent cluster is one Event, on its ClusterRegistration.
 */
function verdictToTell(told: Verdict | undefined, status: HTTPMonitorStatus, clusters: Clusters): Verdict | undefined {
  const stands = status.status;
  if (stands === undefined || stands === told || !isJudged({ errorMessage: status.errorMessage ?? "" })) return told;
  if (isConditionTrue(status.conditions, "Suspended")) return told;
  if (told === undefined) return clusters.some(({ state }) => state === "pending") ? undefined : stands;
  return ifAllReported(clusters, told) === told ? told : stands;
}

/** The verdict, if every cluster whose result is missing reported what it reported last. Without any report it is awaited. */
function ifAllReported(clusters: Clusters, previous: Verdict): Verdict {
  return judge({ clusters: clusters.map(asIfReporting), noClusterReason: "", previous: { status: previous, errorMessage: "" } }).status;
}

/** A check that its agent says it skips is no silence: that is told. */
function asIfReporting(cluster: ClassifiedCluster): ClassifiedCluster {
  const { state, silent, skipped, last, passed } = cluster;
  if (state !== "stale" || (skipped !== undefined && !silent)) return cluster;
  if (last === undefined) return { ...cluster, state: "pending" };
  return { ...cluster, state: (passed ?? last.success) ? "passed" : "failed" };
}

function verdictEvent({ status = "Unknown", errorMessage = "", healthy = "", lastTransitionTime = "" }: HTTPMonitorStatus): MonitorEvent {
  return { reason: status, message: errorMessage === "" ? `Healthy: ${healthy} clusters.` : errorMessage, identity: `${lastTransitionTime} ${status}` };
}

/** Once per spec, annotations and reason: an edit that does not mend it is told again. */
function placementOf(status: HTTPMonitorStatus): string | undefined {
  const assigned = findCondition(status.conditions, "Assigned");
  return assigned?.status === "False" ? `${assigned.reason} ${status.observedGeneration} ${status.observedPlacement}` : undefined;
}

function isNameTaken(status: HTTPMonitorStatus): boolean {
  const published = findCondition(status.conditions, "ResultsPublished");
  const reason: EventReason = "NameTaken";
  return published?.status === "False" && published.reason === reason;
}

function eventOf(condition: Condition | undefined, occasion: string): MonitorEvent[] {
  if (condition === undefined || !isEventReason(condition.reason)) return [];
  return [{ reason: condition.reason, message: condition.message, identity: `${condition.lastTransitionTime} ${occasion}` }];
}
