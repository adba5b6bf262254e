import { formatDuration } from "@sightline/shared";
import { checkAttributes, childOf, type FinishedSpan, newTrace, parseTraceparent, type SpanAttributes, type TraceContext } from "@sightline/shared/telemetry";
import type { Check, Phases, ProbeResult } from "@sightline/shared/wire";

/** A probe as its span knows it, from the moment when it was sent. */
export interface TracedProbe {
  context: TraceContext;
  /** The first one after a change: a child of the reconcile that made it. */
  first: boolean;
  /** The traceparent of that reconcile. */
  assignedBy: string | undefined;
  /** Agent's clock, milliseconds. */
  startMs: number;
}

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

/** The identity that travels in the result: a failure is kept in any case, and the hub obeys. */
export function resultContext(span: TraceContext, success: boolean): TraceContext {
  return { ...span, sampled: span.sampled || !success };
}

/** The span of a probe that is over. It is the child of the reconcile that changed its check, or only linked to it. */
export function finishedProbe({ context, first, assignedBy, startMs }: TracedProbe, where: { cluster: string; region: string }, check: Check, result: ProbeResult): FinishedSpan {
  const reconcile = parseTraceparent(assignedBy);
  return {
    name: "perform-http-check",
    kind: "client",
    context,
    ...(reconcile === undefined ? {} : first ? { parent: reconcile } : { links: [reconcile] }),
    startMs,
    endMs: startMs + result.durationMs,
    attributes: { "cluster.id": where.cluster, "cluster.region": where.region, ...checkAttributes(check, result), ...phaseAttributes(result.phases) },
    ...(result.error === undefined ? {} : { error: result.error }),
  };
}

const PHASES = { dns: "dns", connect: "connect", tls: "tls", firstByte: "first_byte", transfer: "transfer" } as const;

/** How long each phase took that took place, as Go duration texts. */
function phaseAttributes(phases: Phases): SpanAttributes {
  const names = ["dns", "connect", "tls", "firstByte", "transfer"] as const;
  return Object.fromEntries(names.flatMap((name) => (phases[name] === undefined ? [] : [[`http.phase.${PHASES[name]}`, formatDuration(phases[name])]])));
}
