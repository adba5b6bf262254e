import { isDeepStrictEqual } from "node:util";
import type { Clock } from "@sightline/shared";
import { type ConditionState, type HTTPMonitor, type HTTPMonitorStatus, setCondition } from "@sightline/shared/api";
import { errorFields, type Logger } from "@sightline/shared/telemetry";
import type { Position } from "@sightline/shared/wire";
import { MESSAGES } from "../controllers/httpmonitor/messages.ts";
import { isKubeError } from "../kube/errors.ts";
import { HTTP_MONITORS } from "../kube/resources.ts";
import type { Lister, Reconciler, ReconcileResult } from "../kube/types.ts";
import type { KubeWriter } from "../kube/writes.ts";
import type { MonitorPlan } from "../monitors/plan.ts";
import type { PlanRegistry } from "../monitors/registry.ts";
import type { LivenessView } from "../registration/liveness.ts";
import type { ResultsPublisher } from "./results-publisher.ts";
import type { StatusBoard } from "./status-board.ts";
import { decideStatus, type StatusDecision } from "./status.ts";
import type { ResultStore } from "./store.ts";
import type { Moment } from "./verdict.ts";

export interface StatusReconcilerOptions {
  monitors: Lister<HTTPMonitor>;
  registry: PlanRegistry;
  results: Pick<ResultStore, "pairs" | "lastChange" | "settled">;
  /** By which time a monitor is judged; undefined while what is known of it may be old: then nothing is written. */
  momentOf: (uid: string) => Moment | undefined;
  liveness: LivenessView;
  acknowledged: (cluster: string) => Position | undefined;
  publisher: ResultsPublisher;
  writer: KubeWriter;
  board: StatusBoard;
  /** Statuses that may be refreshed per second, over all monitors. */
  refreshBudget: number;
  clock: Clock;
  logger: Logger;
}

/** Least time between two looks that only time asks for. Milliseconds. */
const LEAST_WAIT_MS = 100;
/** How long to wait for the results to be read. Milliseconds. */
const NOT_READ_MS = 250;

/** Keeps each monitor's status and results ConfigMap true: transitions at once, everything else at the pace of its refresh. */
export class StatusReconciler implements Reconciler {
  readonly #options: StatusReconcilerOptions;
  /** When a monitor's status was last written, by UID, on the monotonic clock. */
  readonly #writtenAt = new Map<string, number>();

  /** Writes that are under way, by UID. */
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(options: StatusReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const { monitors, registry } = this.#options;
    const monitor = monitors.get(key);
    const plan = registry.byName(key);
    if (monitor === undefined || plan?.uid !== monitor.metadata.uid || monitor.metadata.deletionTimestamp !== undefined) return {};
    const run = this.#refresh(monitor, plan);
    const settled = run.then(ignore, ignore);
    this.#underWay.set(plan.uid, settled);
    try {
      return await run;
    } finally {
      if (this.#underWay.get(plan.uid) === settled) this.#underWay.delete(plan.uid);
    }
  }

  async #refresh(monitor: HTTPMonitor, plan: MonitorPlan): Promise<ReconcileResult> {
    const { momentOf, results, board, clock } = this.#options;
    const moment = momentOf(plan.uid);
    if (moment === undefined) return { again: true, requeueAfterMs: NOT_READ_MS };
    const change = results.lastChange(plan.uid);
    const decision = this.#decide(plan, monitor, moment);
    board.show(plan, decision);
    if (this.#isDue(plan, monitor.status, decision)) {
      await this.#write(monitor, plan, decision);
      this.#writtenAt.set(plan.uid, clock.monotonic());
    }
    results.settled(plan.uid, change);
    return this.#next(plan, decision, moment);
  }

  /** Forgets a monitor whose plan is gone. Resolves when nothing is being written for it any more. */
  async forget(uid: string): Promise<void> {
    await this.#underWay.get(uid);
    this.#writtenAt.delete(uid);
  }

  #decide(plan: MonitorPlan, monitor: HTTPMonitor, moment: Moment): StatusDecision {
    const { results, liveness, acknowledged } = this.#options;
    return decideStatus({ plan, pairs: results.pairs(plan.uid), liveness: (cluster) => liveness.get(cluster), acknowledged, previous: monitor.status, moment });
  }

  /** A changed verdict, spec or condition is written at once; fresher results wait for their turn. */
  #isDue(plan: MonitorPlan, stored: HTTPMonitorStatus | undefined, decision: StatusDecision): boolean {
    if (decision.transition || gistOf(stored) !== gistOf(decision.status)) return true;
    return !plan.suspend && this.#options.clock.monotonic() - this.#lastWrite(plan) >= this.#refreshMs(plan);
  }

  /** A hub that has just started spreads its first refreshes over one interval: together they would be a storm. */
  #lastWrite(plan: MonitorPlan): number {
    const known = this.#writtenAt.get(plan.uid);
    if (known !== undefined) return known;
    const phase = Number.parseInt(plan.uid.slice(0, 8), 16) / 2 ** 32;
    const assumed = this.#options.clock.monotonic() - phase * this.#refreshMs(plan);
    this.#writtenAt.set(plan.uid, assumed);
    return assumed;
  }

  /** max(interval, monitors ÷ budget): a fleet that is too large for its budget slows down evenly. Milliseconds. */
  #refreshMs(plan: MonitorPlan): number {
    const { monitors, refreshBudget } = this.#options;
    return Math.max(plan.check.intervalMs, (monitors.all().length / refreshBudget) * 1000);
  }

  async #write(monitor: HTTPMonitor, plan: MonitorPlan, decision: StatusDecision): Promise<void> {
    const { publisher, writer, logger, clock, board } = this.#options;
    const published = await publisher.publish(plan, decision.reports);
    const status = withPublished(decision.status, published, clock.now());
    if (isDeepStrictEqual(status, monitor.status)) return;
    const kind = decision.transition ? "monitor-status-transition" : "monitor-status-refresh";
    try {
      await writer.patchStatus(kind, HTTP_MONITORS, monitor.metadata, status);
    } catch (error) {
      if (!isKubeError(error, "CONFLICT", "NOT_FOUND")) logger.error(MESSAGES.statusFailed, { monitor: `${plan.namespace}/${plan.name}`, ...errorFields(error) });
      throw error;
    }
    if (decision.transition) board.transitioned(plan, monitor.status?.status, decision.status.status);
  }

  #next(plan: MonitorPlan, { nextDeadline }: StatusDecision, moment: Moment): ReconcileResult {
    if (plan.suspend) return {};
    const refresh = this.#refreshMs(plan) - (this.#options.clock.monotonic() - this.#lastWrite(plan));
    const deadline = nextDeadline === undefined ? Number.POSITIVE_INFINITY : nextDeadline - moment.now;
    return { requeueAfterMs: Math.max(LEAST_WAIT_MS, Math.min(refresh, deadline)) };
  }
}

function ignore(): void {
  // Whoever runs the reconcile hears of its errors; here only its end counts.
}

function withPublished(status: HTTPMonitorStatus, published: ConditionState, nowMs: number): HTTPMonitorStatus {
  const state = { ...published, ...(status.observedGeneration === undefined ? {} : { observedGeneration: status.observedGeneration }) };
  return { ...status, conditions: setCondition(status.conditions ?? [], state, nowMs) };
}

/** What a user must not have to wait for, as one text: everything but times, results and the text of a verdict that stays. */
function gistOf(status: HTTPMonitorStatus | undefined): string {
  const conditions = (status?.conditions ?? []).filter(({ type }) => type !== "ResultsPublished").map(({ type, status: state, reason }) => `${type} ${state} ${reason}`);
  return JSON.stringify([status?.status, status?.observedGeneration, status?.observedPlacement, status?.healthy, conditions.toSorted((a, b) => (a < b ? -1 : 1))]);
}
