import { isDeepStrictEqual } from "node:util";
import type { Clock } from "@sightline/shared";
import { type Condition, type ConditionState, findCondition, type HTTPMonitor, type HTTPMonitorStatus, setCondition } from "@sightline/shared/api";
import { childSpan, errorFields, keepTrace, type Logger, spanning, type TraceContext } from "@sightline/shared/telemetry";
import type { Position } from "@sightline/shared/wire";
import { MESSAGES } from "../telemetry/messages.ts";
import { isKubeError } from "../kube/errors.ts";
import { HTTP_MONITORS } from "../kube/resources.ts";
import type { StandingStatus } from "../events/monitor-event-log.ts";
import type { Lister, Reconciler, ReconcileResult } from "../kube/types.ts";
import type { KubeWriter } from "../kube/writes.ts";
import type { MonitorPlan } from "../monitors/plan.ts";
import type { PlanRegistry } from "../monitors/registry.ts";
import type { LivenessView } from "../agents/liveness.ts";
import type { NotProbedView } from "../agents/not-probed.ts";
import type { ResultTraces } from "../telemetry/result-traces.ts";
import type { ResultsPublisher } from "./results-publisher.ts";
import type { StatusBoard } from "./status-board.ts";
import { decideStatus, type StatusDecision } from "./status.ts";
import type { ResultStore } from "./store.ts";
import type { Moment } from "./verdict.ts";
import type { WriteMetrics } from "./write-metrics.ts";
import type { WritePacing, WriteReason } from "./write-pacing.ts";
import { WrittenStatuses } from "./written-statuses.ts";

export interface StatusReconcilerOptions {
  monitors: Lister<HTTPMonitor>;
  registry: PlanRegistry;
  results: Pick<ResultStore, "pairs" | "lastChange" | "settled">;
  traces: Pick<ResultTraces, "causeOf" | "updateStatus" | "written">;
  /** By which time a monitor is judged; undefined while what is known of it may be old: then nothing is written. */
  momentOf: (uid: string) => Moment | undefined;
  liveness: LivenessView;
  notProbed: NotProbedView;
  acknowledged: (cluster: string) => Position | undefined;
  publisher: ResultsPublisher;
  writer: KubeWriter;
  /** A monitor that the lister has is not there: its picture is of a state that never comes back (etcd was restored). */
  onGone: () => void;
  board: StatusBoard;
  /** Statuses that may be refreshed per second, over all monitors. */
  refreshBudget: number;
  pacing: WritePacing;
  writes: Pick<WriteMetrics, "wrote">;
  /** Whether the monitor's results ConfigMap stands as it was written; true while that is not known. */
  resultsStand: (plan: MonitorPlan) => boolean;
  /** Told after each look what stands in Kubernetes now. Must not throw. */
  stands: (standing: StandingStatus) => void;
  clock: Clock;
  logger: Logger;
}

/** What is to be written, and what stands before. */
interface StatusWrite {
  before: HTTPMonitorStatus | undefined;
  decision: StatusDecision;
  reason: WriteReason;
  cause: TraceContext | undefined;
}

/** Least time between two looks that only time asks for. Milliseconds. */
const LEAST_WAIT_MS = 100;
/** How often it is asked whether the results have been read. Whoever reads them says so at once: thousands must not ask all the time. Milliseconds. */
const NOT_READ_MS = 5000;
/** How long after its probe began a result may be there, most often. Milliseconds. */
const RESULT_LATENCY_MS = 1000;
/** How often a results ConfigMap that could not be written is tried again, at least. Milliseconds. */
const REPUBLISH_MS = 30_000;

/** Keeps each monitor's status and results ConfigMap true: transitions at once, everything else at the pace of its refresh. */
export class StatusReconciler implements Reconciler {
  readonly #options: StatusReconcilerOptions;
  /** When a monitor's status was last written, by UID, on the monotonic clock. */
  readonly #writtenAt = new Map<string, number>();

  readonly #written = new WrittenStatuses();

  /** Writes that are under way, by UID. */
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(options: StatusReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const { monitor, plan } = this.#fetch(key);
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

  #fetch(key: string): { monitor: HTTPMonitor | undefined; plan: MonitorPlan | undefined } {
    using _span = childSpan("fetch-resource");
    const { monitors, registry } = this.#options;
    return { monitor: monitors.get(key), plan: registry.byName(key) };
  }

  async #refresh(monitor: HTTPMonitor, plan: MonitorPlan): Promise<ReconcileResult> {
    const { momentOf, results, traces, board, clock, pacing, stands } = this.#options;
    const moment = momentOf(plan.uid);
    if (moment === undefined) return { again: true, requeueAfterMs: NOT_READ_MS };
    const change = results.lastChange(plan.uid);
    const cause = traces.causeOf(plan.uid);
    const before = this.#written.standing(monitor);
    const decision = this.#decide(plan, before, moment);
    board.show(plan, decision);
    let stored = this.#written.stored(monitor);
    const reason = this.#reasonToWrite(plan, stored, decision);
    if (reason === undefined) pacing.release(plan.uid);
    else {
      const waitMs = pacing.waitMs(plan.uid, reason, clock.monotonic());
      if (waitMs > 0) return { requeueAfterMs: waitMs, urgent: true };
      const written = await this.#write(monitor, plan, { before, decision, reason, cause });
      traces.written(plan.uid, cause);
      this.#writtenAt.set(plan.uid, clock.monotonic() - (written === undefined ? this.#goneBy(plan, stored, moment) : 0));
      stored = written ?? stored;
    }
    if (stored !== undefined) stands({ monitor: monitor.metadata, before, status: stored, clusters: decision.clusters });
    results.settled(plan.uid, change);
    return this.#next(plan, stored, { decision, moment });
  }

  /** Forgets a monitor whose plan is gone. Resolves when nothing is being written for it any more. */
  async forget(uid: string): Promise<void> {
    await this.#underWay.get(uid);
    this.#writtenAt.delete(uid);
    this.#written.forget(uid);
    this.#options.pacing.release(uid);
  }

  #decide(plan: MonitorPlan, previous: HTTPMonitorStatus | undefined, moment: Moment): StatusDecision {
    const { results, liveness, notProbed, acknowledged } = this.#options;
    return decideStatus({ plan, pairs: results.pairs(plan.uid), liveness: (cluster) => liveness.get(cluster), notProbed, acknowledged, previous, moment });
  }

  /** A changed verdict, spec or condition is written as soon as the budget has room; fresher results wait for their turn. */
  #reasonToWrite(plan: MonitorPlan, stored: HTTPMonitorStatus | undefined, decision: StatusDecision): WriteReason | undefined {
    if (decision.transition) return "transition";
    if (gistOf(stored) !== gistOf(decision.status)) return "condition";
    if (!isUnpublished(stored) && !this.#options.resultsStand(plan)) return "mend";
    if (rests(plan, stored)) return undefined;
    return this.#options.clock.monotonic() - this.#lastWrite(plan, stored) >= this.#refreshMs(plan, stored) ? "refresh" : undefined;
  }

  /** A hub that has just started spreads its first refreshes over one interval: together they would be a storm. */
  #lastWrite(plan: MonitorPlan, stored: HTTPMonitorStatus | undefined): number {
    const known = this.#writtenAt.get(plan.uid);
    if (known !== undefined) return known;
    const phase = Number.parseInt(plan.uid.slice(0, 8), 16) / 2 ** 32;
    const assumed = this.#options.clock.monotonic() - phase * this.#refreshMs(plan, stored);
    this.#writtenAt.set(plan.uid, assumed);
    return assumed;
  }

  /** max(interval, monitors ÷ budget): a fleet that is too large for its budget slows down evenly. Milliseconds. */
  #refreshMs(plan: MonitorPlan, stored: HTTPMonitorStatus | undefined): number {
    const { monitors, refreshBudget } = this.#options;
    const intervalMs = isUnpublished(stored) ? Math.min(plan.check.intervalMs, REPUBLISH_MS) : plan.check.intervalMs;
    return Math.max(intervalMs, (monitors.size / refreshBudget) * 1000);
  }

  /**
   * How much of the period counts as gone where nothing was fresher: the next result may be a little late, and the second
   * one of a new check comes up to one interval and a half after the first. It is not to wait for a whole period then.
   * Once none comes at all, the period is the pace. Milliseconds.
   */
  #goneBy(plan: MonitorPlan, stored: HTTPMonitorStatus | undefined, { now }: Moment): number {
    const period = this.#refreshMs(plan, stored);
    const age = now - Date.parse(stored?.lastCheck ?? "");
    const untilNext = [1, 1.5].map((intervals) => intervals * plan.check.intervalMs + RESULT_LATENCY_MS - age).find((ms) => ms > 0);
    return untilNext === undefined ? 0 : Math.max(0, period - untilNext);
  }

  /** @returns what stands then; undefined where that stood before. */
  async #write(monitor: HTTPMonitor, plan: MonitorPlan, { before, decision, reason, cause }: StatusWrite): Promise<HTTPMonitorStatus | undefined> {
    const { publisher, writer, logger, clock, board, writes, traces } = this.#options;
    const published = await publisher.publish(plan, decision.reports, isUnpublished(before));
    const status = withPublished(decision.status, published, clock.now());
    if (isDeepStrictEqual(status, this.#written.stored(monitor))) return undefined;
    const kind = decision.transition ? "monitor-status-transition" : "monitor-status-refresh";
    try {
      const resourceVersion = await spanning(traces.updateStatus(cause), () => writer.patchStatus(kind, HTTP_MONITORS, monitor.metadata, status));
      this.#written.wrote(monitor, resourceVersion, status);
    } catch (error) {
      if (!isKubeError(error, "CONFLICT")) this.#written.doubt(monitor);
      if (isKubeError(error, "NOT_FOUND")) this.#options.onGone();
      if (!isKubeError(error, "CONFLICT", "NOT_FOUND")) logger.error(MESSAGES.statusFailed, { monitor: `${plan.namespace}/${plan.name}`, ...errorFields(error) });
      throw error;
    }
    writes.wrote(reason);
    if (decision.transition) {
      keepTrace();
      board.transitioned(plan, before, decision.status.status);
    }
    return status;
  }

  #next(plan: MonitorPlan, stored: HTTPMonitorStatus | undefined, { decision, moment }: { decision: StatusDecision; moment: Moment }): ReconcileResult {
    if (rests(plan, stored)) return {};
    const refresh = this.#refreshMs(plan, stored) - (this.#options.clock.monotonic() - this.#lastWrite(plan, stored));
    const deadline = decision.nextDeadline === undefined ? Number.POSITIVE_INFINITY : decision.nextDeadline - moment.now;
    return { requeueAfterMs: Math.max(LEAST_WAIT_MS, Math.min(refresh, deadline)) };
  }
}

function ignore(): void {
  // Whoever runs the reconcile hears of its errors; here only its end counts.
}

/** The results ConfigMap could not be written: somebody else's has its name, or the API server refused it. */
function isUnpublished(stored: HTTPMonitorStatus | undefined): boolean {
  return findCondition(stored?.conditions, "ResultsPublished")?.status === "False";
}

/** Nothing about a suspended monitor changes with time. */
function rests(plan: MonitorPlan, stored: HTTPMonitorStatus | undefined): boolean {
  return plan.suspend && !isUnpublished(stored);
}

function withPublished(status: HTTPMonitorStatus, published: ConditionState, nowMs: number): HTTPMonitorStatus {
  const state = { ...published, ...(status.observedGeneration === undefined ? {} : { observedGeneration: status.observedGeneration }) };
  return { ...status, conditions: setCondition(status.conditions ?? [], state, nowMs) };
}

/** Tells a status that somebody else wrote, or an older one that came back, from the one that was written last. */
export function statusFingerprint({ metadata, status }: HTTPMonitor): string {
  return `${metadata.uid} ${gistOf(status)}`;
}

/** What a user must not have to wait for, as one text: everything but times, results and the text of a verdict that stays. */
function gistOf(status: HTTPMonitorStatus | undefined): string {
  const conditions = (status?.conditions ?? []).filter(({ type }) => type !== "ResultsPublished").map((one) => `${one.type} ${one.status} ${one.reason} ${messageThatMatters(one)}`);
  return JSON.stringify([status?.status, status?.observedGeneration, status?.observedPlacement, status?.healthy, conditions.toSorted((a, b) => (a < b ? -1 : 1))]);
}

/** What is wrong with an annotation stands in the message of `Assigned` alone. */
function messageThatMatters({ type, message }: Condition): string {
  return type === "Assigned" ? message : "";
}
