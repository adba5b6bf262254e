import { childOf, formatTraceparent, newTrace, parseTraceparent, type TraceContext } from "@sightline/shared/telemetry";

/** Share of the successful probes whose traces are kept. */
export const DEFAULT_TRACE_RATIO = 0.1;

/**
 * The span of a probe, before its outcome is known. The first probe after a change continues the trace of the reconcile
 * that made the change; every other one is a trace of its own. The target is told that the trace is kept when that is
 * sure already: for first probes, and for `ratio` of the others.
 */
export function probeSpan(options: { first: boolean; assignedBy: string | undefined; ratio: number; random: () => number }): TraceContext {
  if (!options.first) return newTrace(options.random() < options.ratio);
  const parent = parseTraceparent(options.assignedBy);
  return parent === undefined ? newTrace(true) : { ...childOf(parent), sampled: true };
}

/** The traceparent that travels in the result: a failure is kept in any case, and the hub obeys. */
export function resultTraceparent(span: TraceContext, success: boolean): string {
  return formatTraceparent({ ...span, sampled: span.sampled || !success });
}
