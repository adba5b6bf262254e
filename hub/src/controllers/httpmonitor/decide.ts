import type { ClusterRegistration, ConditionState, HTTPMonitor } from "@sightline/shared/api";
import { type Assignment, type Check, checkHash, type Position } from "@sightline/shared/wire";
import { type CheckDefaults, checkOf } from "../../monitors/check.ts";
import type { AssignedCluster, MonitorPlan } from "../../monitors/plan.ts";
import { parsePlacement, placementHash } from "../../placement/placement.ts";
import { chosen, isOpen, noClusterReason, select } from "../../placement/select.ts";

/** Everything that is read before a monitor is decided upon. */
export interface MonitorView {
  monitor: HTTPMonitor;
  registrations: readonly ClusterRegistration[];
  /** Clusters that hold the monitor's assignment now. */
  running: ReadonlySet<string>;
  defaults: CheckDefaults;
}

/** What should be, for one monitor. */
export interface Intent {
  check: Check;
  checkHash: string;
  suspend: boolean;
  /** The assignment that each of these clusters should hold, and no other cluster. */
  wanted: ReadonlyMap<string, Assignment>;
  assigned: ConditionState<"Assigned">;
  /** Why no selection was possible. What runs goes on then, on the clusters where it runs. */
  problem?: string;
}

/** Decides where a monitor should run, and what. Pure. */
export function decide({ monitor, registrations, running, defaults }: MonitorView): Intent {
  const { metadata, spec } = monitor;
  const namespace = metadata.namespace ?? "";
  const check = checkOf(spec, defaults);
  const hash = checkHash(check);
  const assignment: Assignment = { uid: metadata.uid, namespace, name: metadata.name, checkHash: hash, check, suspend: spec.suspend === true };
  const target = targetOf(monitor, registrations, running);
  return {
    check,
    checkHash: hash,
    suspend: assignment.suspend,
    wanted: new Map(target.clusters.map((cluster) => [cluster, assignment])),
    assigned: { type: "Assigned", observedGeneration: metadata.generation ?? 0, ...target.state },
    ...(target.problem === undefined ? {} : { problem: target.problem }),
  };
}

type State = Pick<ConditionState, "status" | "reason" | "message">;

interface Target {
  clusters: string[];
  state: State;
  problem?: string;
}

function targetOf({ metadata }: HTTPMonitor, registrations: readonly ClusterRegistration[], running: ReadonlySet<string>): Target {
  const parsed = parsePlacement(metadata.annotations);
  if (!parsed.valid) {
    const open = new Set(registrations.filter((registration) => isOpen(registration)).map((registration) => registration.metadata.name));
    const clusters = [...running].filter((cluster) => open.has(cluster)).toSorted();
    return { clusters, state: { status: "False", reason: "InvalidPlacement", message: parsed.problem }, problem: parsed.problem };
  }
  const choices = select(parsed.placement, registrations, metadata.namespace ?? "");
  const clusters = chosen(choices);
  if (clusters.length === 0) return { clusters, state: { status: "False", reason: "NoClusterMatched", message: noClusterReason(choices) } };
  const message = clusters.length === 1 ? "1 cluster is assigned" : `${clusters.length} clusters are assigned`;
  return { clusters, state: { status: "True", reason: "Assigned", message } };
}

/**
 * The plan once the intent has been committed. A cluster keeps its `since` and its position while it runs the same check
 * in the same way: a later head that only other monitors moved is no news for this one.
 */
export function planOf(monitor: HTTPMonitor, intent: Intent, commit: { positions: ReadonlyMap<string, Position>; previous: MonitorPlan | undefined; now: number }): MonitorPlan {
  const { positions, previous, now } = commit;
  const same = previous?.checkHash === intent.checkHash && previous.suspend === intent.suspend;
  const clusters = new Map<string, AssignedCluster>();
  for (const [cluster, position] of positions) clusters.set(cluster, (same ? previous.clusters.get(cluster) : undefined) ?? { since: now, position });
  const { check, checkHash: hash, suspend, assigned } = intent;
  return { ...identity(monitor), check, checkHash: hash, suspend, clusters, assigned };
}

/** The plan when the intent was refused for good: what ran goes on, and the condition says why. */
export function refusedPlan(monitor: HTTPMonitor, intent: Intent, previous: MonitorPlan | undefined, refusal: { reason: string; message: string }): MonitorPlan {
  const { check, checkHash: hash, suspend } = previous ?? intent;
  const clusters = previous?.clusters ?? new Map<string, AssignedCluster>();
  const assigned: ConditionState<"Assigned"> = { ...intent.assigned, status: "False", ...refusal };
  return { ...identity(monitor), check, checkHash: hash, suspend, clusters, assigned };
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
