import type { TraceContext } from "./trace-context.ts";

/** Name of the tracer that makes all spans, of hub and agent alike. */
export const TRACER_NAME = "multicluster-httpmonitor-controller";

export type SpanKind = "internal" | "client" | "consumer";

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** Why a span's work failed: a code, and a sentence where there is one. */
export interface SpanError {
  code: string;
  message?: string;
}

/** A span whose work is over. Times are milliseconds since the Unix epoch, with fractions. */
export interface FinishedSpan {
  name: string;
  kind: SpanKind;
  /** Its own identity, which others may have been told before it ended. */
  context: TraceContext;
  parent?: TraceContext;
  links?: readonly TraceContext[];
  startMs: number;
  endMs: number;
  attributes: SpanAttributes;
  error?: SpanError;
}

/**
 * Takes finished spans. All of ours are handed over when they end: whether one is worth keeping is known only then, so
 * whoever hands one over has decided that it is.
 */
export interface Tracer {
  /** False when nothing is exported: then nobody need make a span at all. */
  readonly enabled: boolean;
  /** Never waits, never throws. What does not fit into the queue is dropped and counted. */
  export(span: FinishedSpan): void;
  /** Exports what waits, for `limitMs` at most; the rest is lost. */
  close(limitMs: number): Promise<void>;
}

export const noTracer: Tracer = { enabled: false, export: () => undefined, close: () => Promise.resolve() };
