import { abridged } from "@sightline/shared";
import { type Condition, type ConditionState, findCondition, type HTTPMonitorStatus, rfc3339, setCondition, type Verdict } from "@sightline/shared/api";
import { comparePositions } from "@sightline/shared/protocol";
import type { Position } from "@sightline/shared/wire";
import type { MonitorPlan } from "../monitors/plan.ts";
import type { ClusterLiveness } from "../agents/liveness.ts";
import type { PairState } from "./pair-state.ts";
import type { NotProbedView } from "../agents/not-probed.ts";
import { countsAsPassed } from "./damping.ts";
import { type ClusterReport, clusterResults, reportOf, SILENT } from "./report.ts";
import { type ClassifiedCluster, classify, judge, type Judgement, type Moment, nextDeadline } from "./verdict.ts";

/** The conditions of an HTTPMonitor, as docs/reference lists them. */
export const MONITOR_CONDITIONS = ["Ready", "Healthy", "Assigned", "SecretsResolved", "ResultsPublished", "Suspended"] as const;
type MonitorCondition = ConditionState<(typeof MONITOR_CONDITIONS)[number]>;

/** Everything that a status follows from. */
export interface StatusInput {
  plan: MonitorPlan;
  /** The last result of each cluster, by cluster ID; also of earlier checks and clusters that are assigned no more. */
  pairs: ReadonlyMap<string, PairState>;
  liveness: (cluster: string) => ClusterLiveness | undefined;
  notProbed: NotProbedView;
  /** The position that a cluster's agent holds. */
  acknowledged: (cluster: string) => Position | undefined;
  /** What is stored; undefined for a monitor that has no status yet. */
  previous: HTTPMonitorStatus | undefined;
  moment: Moment;
}

export interface StatusDecision {
  status: HTTPMonitorStatus;
  /** The verdict differs from the stored one. */
  transition: boolean;
  clusters: ClassifiedCluster[];
  reports: ClusterReport[];
  /** Hub's clock: when the verdict could change by time alone. */
  nextDeadline: number | undefined;
}

/** The status that a monitor should have now. Pure. `ResultsPublished` is added by whoever publishes. */
export function decideStatus(input: StatusInput): StatusDecision {
  const { plan, pairs, previous, moment } = input;
  const clusters = classified(input);
  const reports = clusters.map((one) => reportOf(one, pairs.get(one.cluster)));
  const before = shownBy(previous);
  const decision = plan.suspend ? frozen(before) : judge({ clusters, previous: before, noClusterReason: plan.assigned.message });
  const transition = previous?.status !== decision.status;
  const results = plan.suspend && previous?.clusterResults !== undefined ? frozenResults(previous) : freshResults(clusters, reports, previous);
  const status: HTTPMonitorStatus = {
    ...results,
    status: decision.status,
    errorMessage: decision.errorMessage,
    observedGeneration: plan.generation,
    observedPlacement: plan.placementHash,
    lastTransitionTime: transition ? rfc3339(moment.now) : (previous?.lastTransitionTime ?? rfc3339(moment.now)),
    conditions: conditionsOf(input, decision),
  };
  return { status, transition, clusters, reports, nextDeadline: plan.suspend ? undefined : nextDeadline(clusters) };
}

function classified({ plan, pairs, liveness, notProbed, moment, previous }: StatusInput): ClassifiedCluster[] {
  const stale = staleResults(previous);
  const clusters = [...plan.clusters].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return clusters.map(([cluster, { since }]) => {
    const pair = pairs.get(cluster);
    // A result of another check says nothing about this one.
    const last = pair?.checkHash === plan.checkHash ? pair : undefined;
    const damped = last === undefined ? {} : { passed: countsAsPassed(last, plan.thresholds) };
    const skipped = notProbed.reason(cluster, plan.uid);
    const alive = liveness(cluster);
    const heard = alive?.available === true && alive.lastHeartbeatAt !== undefined;
    const before = last === undefined ? undefined : stale.get(`${cluster} ${last.endedAt}`);
    const wasStale = before !== undefined && !(before.bySilence && heard);
    return classify({ cluster, since, silent: alive?.available === false, skipped, wasStale, last, ...damped }, plan.check, moment);
  });
}

/**
 * The results that the stored status calls stale, as `cluster time`. A hub that has just started, or can hear again, bears
 * the age of results for a while; but what was stale before does not become fresh by that. What was stale for its
 * cluster's silence is so until the cluster is heard: with a long interval its last result may well be the present one.
 */
function staleResults(previous: HTTPMonitorStatus | undefined): ReadonlyMap<string, { bySilence: boolean }> {
  const stale = (previous?.clusterResults ?? []).filter(({ status }) => status === "Stale");
  return new Map(stale.map(({ clusterID, timestamp, errorMessage }) => [`${clusterID} ${Date.parse(timestamp ?? "")}`, { bySilence: errorMessage?.endsWith(SILENT) === true }]));
}

type Decision = Pick<Judgement, "status" | "errorMessage">;

function shownBy(previous: HTTPMonitorStatus | undefined): Decision | undefined {
  if (previous?.status === undefined) return undefined;
  return { status: previous.status, errorMessage: previous.errorMessage ?? "" };
}

function frozen(before: Decision | undefined): Decision {
  return before ?? { status: "Unknown", errorMessage: "The monitor is suspended, and was never probed." };
}

type Results = Pick<HTTPMonitorStatus, "lastCheck" | "healthyClusterCount" | "totalClusterCount" | "healthy" | "clusterResults">;

function frozenResults({ lastCheck, healthyClusterCount, totalClusterCount, healthy, clusterResults: lines }: HTTPMonitorStatus): Results {
  return Object.fromEntries(Object.entries({ lastCheck, healthyClusterCount, totalClusterCount, healthy, clusterResults: lines }).filter(([, value]) => value !== undefined));
}

function freshResults(clusters: readonly ClassifiedCluster[], reports: readonly ClusterReport[], previous: HTTPMonitorStatus | undefined): Results {
  const passed = clusters.filter(({ state }) => state === "passed").length;
  const newest = Math.max(...reports.filter(({ durationMs }) => durationMs !== undefined).map(({ timestamp }) => timestamp));
  const lastCheck = Number.isFinite(newest) ? new Date(newest).toISOString() : previous?.lastCheck;
  return {
    healthyClusterCount: passed,
    totalClusterCount: clusters.length,
    healthy: `${passed}/${clusters.length}`,
    clusterResults: clusterResults(reports),
    ...(lastCheck === undefined ? {} : { lastCheck }),
  };
}

const HEALTHY_CONDITION: Record<Verdict, Condition["status"]> = { Healthy: "True", Degraded: "False", Unhealthy: "False", Unknown: "Unknown" };

function conditionsOf(input: StatusInput, decision: Decision): Condition[] {
  const { plan, previous, moment } = input;
  const states: MonitorCondition[] = [
    readyState(input),
    { type: "Healthy", status: HEALTHY_CONDITION[decision.status], reason: decision.status, message: decision.errorMessage },
    { ...plan.assigned },
    { ...plan.secrets },
    plan.suspend
      ? { type: "Suspended", status: "True", reason: "Suspended", message: "probing is stopped by spec.suspend; status and counts are frozen" }
      : { type: "Suspended", status: "False", reason: "Probing", message: "" },
  ];
  return states.reduce<Condition[]>((conditions, state) => setCondition(conditions, { ...state, observedGeneration: plan.generation }, moment.now), previous?.conditions ?? []);
}

/** In force: assigned, with its secrets, and held by every target agent that is there to hold it. */
function readyState(input: StatusInput): ConditionState<"Ready"> {
  const { plan, liveness } = input;
  if (plan.assigned.status !== "True") return { type: "Ready", status: "False", reason: plan.assigned.reason, message: plan.assigned.message };
  if (plan.secrets.status === "False") return { type: "Ready", status: "False", reason: plan.secrets.reason, message: plan.secrets.message };
  const available = [...plan.clusters].filter(([cluster]) => liveness(cluster)?.available !== false);
  const known = wasReady(input);
  const waiting = available.filter(([cluster, { position }]) => !holds(input.acknowledged(cluster), position, known)).map(([cluster]) => cluster);
  if (waiting.length === 0) return { type: "Ready", status: "True", reason: "InForce", message: "every available cluster runs this check" };
  return { type: "Ready", status: "False", reason: "AwaitingAgents", message: `not yet acknowledged by ${abridged(waiting.toSorted())}` };
}

/** A hub that has just started has not heard what the agents hold: what was acknowledged before still is. */
function wasReady({ plan, previous }: StatusInput): boolean {
  const before = findCondition(previous?.conditions, "Ready");
  return before?.status === "True" && before.observedGeneration === plan.generation && previous?.observedPlacement === plan.placementHash;
}

function holds(held: Position | undefined, position: Position, unheard: boolean): boolean {
  return held === undefined ? unheard : comparePositions(held, position) >= 0;
}
