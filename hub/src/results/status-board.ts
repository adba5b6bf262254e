import type { Verdict } from "@sightline/shared/api";
import type { MonitorPlan } from "../monitors/plan.ts";
import type { StatusDecision } from "./status.ts";
import type { ClusterState } from "./verdict.ts";

/** What a monitor shows now, for metrics. */
export interface Shown {
  namespace: string;
  monitor: string;
  status: Verdict;
  clusters: Record<ClusterState, number>;
  /** Status and counts are frozen. */
  suspended: boolean;
  /** Every available agent has acknowledged what was assigned. */
  ready: boolean;
}

type TransitionListener = (plan: MonitorPlan, from: Verdict | undefined, to: Verdict) => void;

/** What every monitor shows now, and who wants to know when a verdict changes. */
export class StatusBoard {
  readonly #shown = new Map<string, Shown>();
  readonly #listeners: TransitionListener[] = [];

  show(plan: MonitorPlan, { status, clusters: classified }: StatusDecision): void {
    const clusters: Record<ClusterState, number> = { pending: 0, stale: 0, failed: 0, passed: 0 };
    for (const { state } of classified) clusters[state] += 1;
    const ready = status.conditions?.some(({ type, status: state }) => type === "Ready" && state === "True") === true;
    this.#shown.set(plan.uid, { namespace: plan.namespace, monitor: plan.name, status: status.status ?? "Unknown", clusters, suspended: plan.suspend, ready });
  }

  /** A changed verdict stands in Kubernetes. */
  transitioned(plan: MonitorPlan, from: Verdict | undefined, to: Verdict | undefined): void {
    for (const listener of this.#listeners) listener(plan, from, to ?? "Unknown");
  }

  onTransition(listener: TransitionListener): void {
    this.#listeners.push(listener);
  }

  isReady(uid: string): boolean {
    return this.#shown.get(uid)?.ready === true;
  }

  forget(uid: string): void {
    this.#shown.delete(uid);
  }

  /** As it is at this moment: a reader may take its time. */
  all(): Shown[] {
    return [...this.#shown.values()];
  }
}
