import { AsyncLocalStorage } from "node:async_hooks";
import type { LogFields } from "./log.ts";
import { NO_SPAN, type OpenSpan } from "./open-span.ts";
import type { TraceContext } from "./trace-context.ts";

/** The span that code runs in, as that code sees it. */
export interface CurrentSpan {
  readonly context: TraceContext;
  /** Opens a span in it. */
  child(name: string): OpenSpan;
  /** Says that something happened that is worth keeping, whatever chance says. */
  keep(): void;
}

const current = new AsyncLocalStorage<CurrentSpan>();

/** Runs `work`, and all that it awaits, in a span. */
export function inSpan<T>(span: CurrentSpan, work: () => T): T {
  return current.run(span, work);
}

export function currentSpan(): TraceContext | undefined {
  return current.getStore()?.context;
}

/** Opens a child of the current span: `using span = childSpan("fetch-resource")`. Where there is none, nothing is recorded. */
export function childSpan(name: string): OpenSpan {
  return current.getStore()?.child(name) ?? NO_SPAN;
}

/** Keeps the trace of the current span, whatever chance says. */
export function keepTrace(): void {
  current.getStore()?.keep();
}

/** The fields by which a log line finds its span. */
export function spanFields(): LogFields {
  const span = current.getStore();
  return span === undefined ? {} : { trace_id: span.context.traceId, span_id: span.context.spanId };
}
