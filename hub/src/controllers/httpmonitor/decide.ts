import type { ClusterRegistration, ConditionState, HTTPMonitor, Namespace } from "@sightline/shared/api";
import { type Assignment, type Check, checkHash, type Position } from "@sightline/shared/wire";
import { type CheckDefaults, checkOf } from "../../monitors/check.ts";
import type { AssignedCluster, MonitorPlan } from "../../monitors/plan.ts";
import { type ProbeRequest, probeRequestOf } from "../../monitors/probe-request.ts";
import { type Thresholds, thresholdsOf } from "../../monitors/thresholds.ts";
import { place } from "../../placement/place.ts";
import { placementHash } from "../../placement/placement.ts";
import { type Author, type Choice, chosen, noClusterReason } from "../../placement/select.ts";
import { USE_RIGHT } from "../../security/rights/usable.ts";
import type { Refusal } from "../../security/guard.ts";

/** Everything that is read before a monitor is decided upon. */
export interface MonitorView {
  monitor: HTTPMonitor;
  registrations: readonly ClusterRegistration[];
  /** The monitor's namespace; undefined when it is not known. */
  namespace: Namespace | undefined;
  /** Clusters that hold the monitor's assignment now. */
  running: ReadonlySet<string>;
  defaults: CheckDefaults;
  /** In whose name it runs; absent: nobody's rights are looked at. */
  author?: Author | undefined;
  /** Why it may not run as it stands. `monitor` is then what was allowed before, if anything was. */
  refusal?: Refusal | undefined;
}

/** What should be, for one monitor. */
export interface Intent {
  check: Check;
  checkHash: string;
  thresholds: Thresholds;
  suspend: boolean;
  /** The assignment that each of these clusters should hold, and no other cluster. */
  wanted: ReadonlyMap<string, Assignment>;
  assigned: ConditionState<"Assigned">;
  /** Why no selection was possible. What runs goes on then, on the clusters where it runs. */
  problem?: string;
}

/** An intent whose assignments hold their secrets, and what became of these. */
export interface SealedIntent extends Intent {
  secrets: ConditionState<"SecretsResolved">;
}

/** Decides where a monitor should run, and what. Pure. */
export function decide(view: MonitorView): Intent {
  const { monitor, defaults } = view;
  const { metadata, spec } = monitor;
  const check = checkOf(spec, defaults);
  const hash = checkHash(check);
  const request = probeRequestOf(metadata.annotations);
  const assignment: Assignment = {
    uid: metadata.uid,
    namespace: metadata.namespace ?? "",
    name: metadata.name,
    checkHash: hash,
    check,
    suspend: spec.suspend === true,
    ...(request.kind === "at" ? { probeRequestedAt: request.atMs } : {}),
  };
  const target = targetOf(view);
  return {
    check,
    checkHash: hash,
    thresholds: thresholdsOf(spec),
    suspend: assignment.suspend,
    wanted: new Map(target.clusters.map((cluster) => [cluster, assignment])),
    assigned: { type: "Assigned", observedGeneration: metadata.generation ?? 0, ...withNote(target.state, request) },
    ...(target.problem === undefined ? {} : { problem: target.problem }),
  };
}

type State = Pick<ConditionState, "status" | "reason" | "message">;

/** A request that cannot be read asks for nothing, and must not pass in silence. */
function withNote(state: State, request: ProbeRequest): State {
  return request.kind === "invalid" ? { ...state, message: `${state.message}; ${request.problem}` } : state;
}

interface Target {
  clusters: string[];
  state: State;
  problem?: string;
}

function targetOf({ monitor: { metadata }, registrations, namespace, running, author, refusal }: MonitorView): Target {
  const { choices, problem } = place({ metadata, registrations, namespace, running, ...(author === undefined ? {} : { author }) });
  const clusters = refusal?.withdraw === true ? [] : chosen(choices);
  if (refusal !== undefined) return { clusters, state: { status: "False", reason: refusal.reason, message: refusal.message } };
  if (problem !== undefined) return { clusters, state: { status: "False", reason: "InvalidPlacement", message: problem }, problem };
  if (clusters.length === 0) return { clusters, state: { status: "False", reason: "NoClusterMatched", message: noClusterReason(choices) } };
  const message = clusters.length === 1 ? "1 cluster is assigned" : `${clusters.length} clusters are assigned`;
  return { clusters, state: { status: "True", reason: "Assigned", message: `${message}${leftOutNote(choices, author)}` } };
}

const MAX_LEFT_OUT = 10;

/** Which clusters are left out for want of a right: nobody named them, and still somebody may wait for them. */
function leftOutNote(choices: readonly Choice[], author: Author | undefined): string {
  const names = choices.flatMap((choice) => (!choice.chosen && choice.reason === "NotAuthorized" ? [choice.cluster] : []));
  if (names.length === 0 || author === undefined) return "";
  const more = names.length > MAX_LEFT_OUT ? ` and ${names.length - MAX_LEFT_OUT} more` : "";
  return `; left out, since ${author.name} may not use ${names.length === 1 ? "it" : "them"}: ${names.slice(0, MAX_LEFT_OUT).join(", ")}${more} (${USE_RIGHT})`;
}

/**
 * The plan once the intent has been committed. A cluster keeps its `since` and its position while it runs the same check
 * in the same way: a later head that only other monitors moved is no news for this one.
 */
export function planOf(monitor: HTTPMonitor, intent: SealedIntent, commit: { positions: ReadonlyMap<string, Position>; previous: MonitorPlan | undefined; now: number }): MonitorPlan {
  const { positions, previous, now } = commit;
  const same = previous?.checkHash === intent.checkHash && previous.suspend === intent.suspend;
  const clusters = new Map<string, AssignedCluster>();
  for (const [cluster, position] of positions) clusters.set(cluster, (same ? previous.clusters.get(cluster) : undefined) ?? { since: now, position });
  const { check, checkHash: hash, thresholds, suspend, assigned, secrets } = intent;
  return { ...identity(monitor), check, checkHash: hash, thresholds, suspend, clusters, assigned, secrets };
}

/** The plan when the intent was refused for good: what ran goes on, and the condition says why. */
export function refusedPlan(monitor: HTTPMonitor, intent: SealedIntent, previous: MonitorPlan | undefined, refusal: { reason: string; message: string }): MonitorPlan {
  const { check, checkHash: hash, thresholds, suspend } = previous ?? intent;
  const clusters = previous?.clusters ?? new Map<string, AssignedCluster>();
  const assigned: ConditionState<"Assigned"> = { ...intent.assigned, status: "False", ...refusal };
  return { ...identity(monitor), check, checkHash: hash, thresholds, suspend, clusters, assigned, secrets: intent.secrets };
}

function identity({ metadata }: HTTPMonitor): Pick<MonitorPlan, "uid" | "namespace" | "name" | "generation" | "placementHash"> {
  return {
    uid: metadata.uid,
    namespace: metadata.namespace ?? "",
    name: metadata.name,
    generation: metadata.generation ?? 0,
    placementHash: placementHash(metadata.annotations),
  };
}
