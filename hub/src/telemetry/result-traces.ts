import type { Clock } from "@sightline/shared";
import { checkAttributes, childOf, childSpan, currentSpan, type CurrentSpan, type FinishedSpan, inSpan, monitorAttributes, NO_SPAN, openSpan, type OpenSpan, parseTraceparent, spanTime, type TraceContext, type Tracer } from "@sightline/shared/telemetry";
import type { Check, CloudEvent, ProbeResult } from "@sightline/shared/wire";
import type { Acceptance } from "../results/store.ts";

export interface ResultTraceOptions {
  tracer: Tracer;
  clock: Clock;
  /** The check that a result is of; undefined while it is not known. */
  checkOf: (uid: string, checkHash: string) => Check | undefined;
}

/**
 * What the hub adds to the traces of probes: `process_event`, `http-check` in it, and `update-status` in that. Whether a
 * probe's trace is kept was decided by its agent: the hub obeys.
 */
export class ResultTraces {
  readonly #options: ResultTraceOptions;
  /** The newest sampled result of each monitor that no status has shown yet, as its `http-check`. One for each monitor at most. */
  readonly #unwritten = new Map<string, TraceContext>();

  constructor(options: ResultTraceOptions) {
    this.#options = options;
  }

  /** Takes one event in: `offer` judges it, `tell` acts upon that. */
  process(event: CloudEvent<ProbeResult>, offer: () => Acceptance, tell: (acceptance: Acceptance) => void): void {
    const probe = this.#options.tracer.enabled ? parseTraceparent(event.traceparent) : undefined;
    if (probe?.sampled === true) this.#trace(event.data, probe, { offer, tell });
    else tell(offer());
  }

  /** What would be the cause of a status that is decided now. */
  causeOf(uid: string): TraceContext | undefined {
    return this.#unwritten.get(uid);
  }

  /** The span of a status write: in the trace of the result that led to it, else in the current one. */
  updateStatus(cause: TraceContext | undefined): OpenSpan {
    if (cause === undefined) return childSpan("update-status");
    const reconcile = currentSpan();
    const links = reconcile === undefined ? {} : { links: [reconcile] };
    return this.#open({ name: "update-status", kind: "internal", context: childOf(cause), parent: cause, ...links });
  }

  /** The monitor's status shows the result: it is the cause of no further write. */
  written(uid: string, cause: TraceContext | undefined): void {
    if (this.#unwritten.get(uid) === cause) this.#unwritten.delete(uid);
  }

  forget(uid: string): void {
    this.#unwritten.delete(uid);
  }

  #trace(result: ProbeResult, probe: TraceContext, { offer, tell }: { offer: () => Acceptance; tell: (acceptance: Acceptance) => void }): void {
    const context = childOf(probe);
    using event = this.#open({ name: "process_event", kind: "consumer", context, parent: probe });
    event.set(monitorAttributes(result));
    inSpan(plainSpan(context), () => {
      const acceptance = this.#judge(result, context, offer);
      if (acceptance.kind === "dropped") event.set({ "result.dropped": acceptance.reason });
      tell(acceptance);
    });
  }

  #judge(result: ProbeResult, parent: TraceContext, offer: () => Acceptance): Acceptance {
    const context = childOf(parent);
    using span = this.#open({ name: "http-check", kind: "internal", context, parent });
    span.set(checkAttributes(this.#options.checkOf(result.uid, result.checkHash), result));
    if (result.error !== undefined) span.fail(result.error);
    const acceptance = offer();
    if (acceptance.kind === "applied") this.#unwritten.set(result.uid, context);
    return acceptance;
  }

  #open(start: Pick<FinishedSpan, "name" | "kind" | "context" | "parent" | "links">): OpenSpan {
    const { tracer, clock } = this.#options;
    return openSpan(start, spanTime(clock), (span) => tracer.export(span));
  }
}

/** A span for log lines: what happens in it is recorded by other means. */
function plainSpan(context: TraceContext): CurrentSpan {
  return { context, child: () => NO_SPAN, keep: () => undefined };
}
