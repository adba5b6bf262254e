import { type Clock, messageOf } from "@sightline/shared";
import { HeldTrace, inSpan, type SpanAttributes, type SpanError, type Tracer } from "@sightline/shared/telemetry";
import { parseKey } from "../kube/resources.ts";
import type { Around, JudgedEnd, ReconcileRun } from "../kube/types.ts";

export interface ReconcileSpanOptions {
  tracer: Tracer;
  clock: Clock;
  random: () => number;
  /** Share of the reconciles that neither failed nor changed anything whose traces are kept. */
  ratio: number;
}

/**
 * Puts a span `reconcile` around each reconcile. Its trace is kept when the reconcile failed, when it said that it did
 * something worth keeping (`keepTrace`), and by chance. Log lines name it also where nothing is exported.
 */
export function reconcileSpans({ tracer, clock, random, ratio }: ReconcileSpanOptions): Around {
  return async (run, reconcile) => {
    const trace = new HeldTrace(tracer, clock);
    const end = await inSpan(trace, reconcile);
    trace.end({ name: "reconcile", attributes: attributesOf(run), ...failureOf(end) }, () => random() < ratio);
    return end;
  };
}

function attributesOf({ controller, key }: ReconcileRun): SpanAttributes {
  const { namespace, name } = parseKey(key);
  return { controller, "resource.name": name, ...(namespace === undefined ? {} : { "resource.namespace": namespace }) };
}

/** What is only done again, such as after a conflict, has not failed. */
function failureOf(end: JudgedEnd): { error?: SpanError } {
  const { errorType } = end.verdict;
  return errorType === undefined || !("error" in end) ? {} : { error: { code: errorType, message: messageOf(end.error) } };
}
