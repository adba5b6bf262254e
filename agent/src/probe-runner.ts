import type { Clock } from "@sightline/shared";
import { formatTraceparent, type Tracer } from "@sightline/shared/telemetry";
import { type ProbeResult, resultEvent } from "@sightline/shared/wire";
import type { RunnableCheck } from "./assignments/read-set.ts";
import type { Outbox } from "./outbox/outbox.ts";
import type { ProbeOutcome, Prober } from "./probe/probe.ts";
import type { DueProbe, RunningProbe } from "./schedule/scheduler.ts";
import type { SecretHeaders } from "./secrets/secret-headers.ts";
import { finishedProbe, probeSpan, resultContext, type TracedProbe } from "./traces.ts";

/** A check as the scheduler knows it. */
export interface ScheduledCheck extends RunnableCheck {
  uid: string;
  intervalMs: number;
}

export interface ProbeRunnerOptions {
  cluster: string;
  agentEpoch: number;
  userAgent: string;
  traceRatio: number;
  tracer: Tracer;
  clock: Clock;
  random: () => number;
  prober: Pick<Prober, "probe" | "forget">;
  outbox: Pick<Outbox, "add">;
  secrets: Pick<SecretHeaders, "of">;
  /** The region of the cluster at that moment: the hub may change it. */
  region: () => string;
  /** Whether this check is still to be probed: what ends afterwards is of no interest. */
  isCurrent: (uid: string, checkHash: string) => boolean;
  /** Told of each result. */
  onResult: (result: ProbeResult) => void;
}

/** Turns due checks into results. */
export class ProbeRunner {
  readonly #options: ProbeRunnerOptions;
  /** What each check's last result was, by UID. */
  readonly #lastOutcome = new Map<string, string>();
  #sequence = 0;

  constructor(options: ProbeRunnerOptions) {
    this.#options = options;
  }

  /** Starts the probe of a due check. A cancelled one has no result. */
  start(due: DueProbe<ScheduledCheck>): RunningProbe {
    const { cluster, userAgent, traceRatio, clock, random, region, prober, secrets } = this.#options;
    const { assignment, traceparent: assignedBy } = due.item;
    const { first } = due;
    const traced = { first, assignedBy, startMs: clock.now(), context: probeSpan({ first, assignedBy, ratio: traceRatio, random }) };
    const own = { userAgent, cluster, region: region(), traceparent: formatTraceparent(traced.context) };
    const probe = prober.probe({ uid: assignment.uid, check: assignment.check, own, secrets: secrets.of(assignment) });
    return { done: this.#finish(due, traced, probe.outcome), cancel: () => probe.cancel() };
  }

  /** The check is no longer probed: nothing is remembered of it. */
  forget(uid: string): void {
    this.#lastOutcome.delete(uid);
    this.#options.prober.forget(uid);
  }

  async #finish(due: DueProbe<ScheduledCheck>, traced: TracedProbe, ending: Promise<ProbeOutcome | undefined>): Promise<void> {
    const outcome = await ending;
    const { uid, checkHash } = due.item.assignment;
    if (outcome === undefined || !this.#options.isCurrent(uid, checkHash)) return;
    const result = this.#result(due, outcome);
    const context = resultContext(traced.context, result.success);
    if (context.sampled) this.#trace({ ...traced, context }, due.item, result);
    const event = resultEvent(this.#options.cluster, result, formatTraceparent(context));
    this.#options.outbox.add(result.uid, JSON.stringify(event), { urgent: this.#differs(result), lingerMs: due.item.intervalMs / 2 });
    this.#options.onResult(result);
  }

  #trace(traced: TracedProbe, { assignment }: ScheduledCheck, result: ProbeResult): void {
    const { tracer, cluster, region } = this.#options;
    if (tracer.enabled) tracer.export(finishedProbe(traced, { cluster, region: region() }, assignment.check, result));
  }

  #result({ item: { assignment }, scheduledAt }: DueProbe<ScheduledCheck>, outcome: ProbeOutcome): ProbeResult {
    const { uid, namespace, name, checkHash } = assignment;
    this.#sequence += 1;
    return { uid, namespace, name, checkHash, scheduledAt, endedAt: Math.floor(this.#options.clock.now()), agentEpoch: this.#options.agentEpoch, sequence: this.#sequence, ...outcome };
  }

  /** Whether this is news: the first result of a check, or another outcome than before. */
  #differs({ uid, checkHash, success, statusCode, error }: ProbeResult): boolean {
    const outcome = `${checkHash} ${success} ${statusCode} ${error?.code ?? ""}`;
    const differs = this.#lastOutcome.get(uid) !== outcome;
    this.#lastOutcome.set(uid, outcome);
    return differs;
  }
}
