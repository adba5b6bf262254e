import { type HTTPMonitorStatus, isConditionTrue, type Verdict } from "@sightline/shared/api";
import type { MonitorPlan } from "../monitors/plan.ts";
import type { StatusDecision } from "./status.ts";
import { type ClassifiedCluster, type ClusterState, isJudged } from "./verdict.ts";

/** What a monitor shows now, for metrics. */
export interface Shown {
  namespace: string;
  monitor: string;
  status: Verdict;
  clusters: Record<ClusterState, number>;
  /** Clusters whose result is missing because they are silent. */
  silent: number;
  /** Clusters without a current result: none has come yet, or the last one is too old. */
  withoutResult: ReadonlySet<string>;
  /** Status and counts are frozen. */
  suspended: boolean;
  /** Every available agent has acknowledged what was assigned. */
  ready: boolean;
}

/** `from` is undefined where what stood before was no verdict over results: it waited for them, or had no cluster. */
type TransitionListener = (plan: MonitorPlan, from: Verdict | undefined, to: Verdict) => void;

/** What every monitor shows now, and who wants to know when a verdict changes. */
export class StatusBoard {
  readonly #shown = new Map<string, Shown>();
  /** UIDs of those that do not show that they are ready, or show what stood before their plan changed. */
  readonly #unready = new Set<string>();
  readonly #listeners: TransitionListener[] = [];

  /** The monitor's plan is another one: what it shows is not the last word. */
  expect(uid: string): void {
    this.#unready.add(uid);
  }

  show(plan: MonitorPlan, { status, clusters }: StatusDecision): void {
    const ready = isConditionTrue(status.conditions, "Ready");
    if (ready) this.#unready.delete(plan.uid);
    else this.#unready.add(plan.uid);
    this.#shown.set(plan.uid, {
      namespace: plan.namespace,
      monitor: plan.name,
      status: status.status ?? "Unknown",
      clusters: plan.suspend ? frozenCounts(status) : counts(clusters),
      silent: plan.suspend ? 0 : clusters.filter(({ state, silent }) => state === "stale" && silent).length,
      withoutResult: withoutResult(clusters),
      suspended: plan.suspend,
      ready,
    });
  }

  /** A changed verdict stands in Kubernetes. */
  transitioned(plan: MonitorPlan, before: HTTPMonitorStatus | undefined, to: Verdict | undefined): void {
    const from = isJudged({ errorMessage: before?.errorMessage ?? "" }) ? before?.status : undefined;
    for (const listener of this.#listeners) listener(plan, from, to ?? "Unknown");
  }

  onTransition(listener: TransitionListener): void {
    this.#listeners.push(listener);
  }

  /** UIDs of the monitors that still wait for agents to acknowledge what was assigned. */
  unready(): Iterable<string> {
    return this.#unready;
  }

  /** Whether the last result of this pair tells of the present: its monitor is probed, and the result is not too old. */
  isCurrent(uid: string, cluster: string): boolean {
    const shown = this.#shown.get(uid);
    return shown !== undefined && !shown.suspended && !shown.withoutResult.has(cluster);
  }

  forget(uid: string): void {
    this.#shown.delete(uid);
    this.#unready.delete(uid);
  }

  /** As it is at this moment: a reader may take its time. */
  all(): Shown[] {
    return [...this.#shown.values()];
  }
}

const NO_CLUSTERS: ReadonlySet<string> = new Set();

/** Mostly none, and then all monitors share the empty set. */
function withoutResult(clusters: readonly ClassifiedCluster[]): ReadonlySet<string> {
  const missing = clusters.filter(({ state }) => state === "pending" || state === "stale");
  return missing.length === 0 ? NO_CLUSTERS : new Set(missing.map(({ cluster }) => cluster));
}

function counts(clusters: readonly ClassifiedCluster[]): Shown["clusters"] {
  const counted = { pending: 0, stale: 0, failed: 0, passed: 0 };
  for (const { state } of clusters) counted[state] += 1;
  return counted;
}

/** What the status said when the monitor was suspended. Its lines are cut at the end, where nobody failed. */
function frozenCounts({ healthyClusterCount: passed = 0, totalClusterCount: total = 0, clusterResults: lines = [] }: HTTPMonitorStatus): Shown["clusters"] {
  const said = (status: string): number => lines.filter((line) => line.status === status).length;
  const stale = said("Stale");
  const pending = said("Pending");
  return { pending, stale, failed: Math.max(0, total - passed - stale - pending), passed };
}
