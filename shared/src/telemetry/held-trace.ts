import type { Clock } from "../clock.ts";
import type { CurrentSpan } from "./current-span.ts";
import { NO_SPAN, openSpan, type OpenSpan, type SpanTime, spanTime } from "./open-span.ts";
import type { FinishedSpan, SpanAttributes, SpanError, Tracer } from "./span.ts";
import { childOf, newTrace, type TraceContext } from "./trace-context.ts";

/**
 * A span and its children, held back until its end shows whether they are worth exporting. Its identity is made when
 * somebody asks for it: where nothing is exported and nothing is logged, it costs nothing.
 */
export class HeldTrace implements CurrentSpan {
  readonly #tracer: Tracer;
  readonly #time: SpanTime;
  readonly #startMs: number;
  readonly #children: FinishedSpan[] = [];
  #context: TraceContext | undefined;
  #kept = false;

  constructor(tracer: Tracer, clock: Clock) {
    this.#tracer = tracer;
    this.#time = spanTime(clock);
    this.#startMs = this.#time();
  }

  get context(): TraceContext {
    this.#context ??= newTrace(this.#tracer.enabled);
    return this.#context;
  }

  child(name: string): OpenSpan {
    if (!this.#tracer.enabled) return NO_SPAN;
    return openSpan({ name, kind: "internal", context: childOf(this.context), parent: this.context }, this.#time, (span) => this.#children.push(span));
  }

  keep(): void {
    this.#kept = true;
  }

  /** @param byChance whether chance keeps it, when neither a failure nor `keep` does. */
  end(span: { name: string; attributes: SpanAttributes; error?: SpanError }, byChance: () => boolean): void {
    if (!this.#tracer.enabled || !(this.#kept || span.error !== undefined || byChance())) return;
    this.#tracer.export({ ...span, kind: "internal", context: this.context, startMs: this.#startMs, endMs: this.#time() });
    for (const child of this.#children) this.#tracer.export(child);
  }
}
