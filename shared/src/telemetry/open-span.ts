import type { Clock } from "../clock.ts";
import { messageOf } from "../errors.ts";
import { errorFields } from "./log.ts";
import type { FinishedSpan, SpanAttributes, SpanError } from "./span.ts";

/** A span under way. It ends when it is disposed of. */
export interface OpenSpan extends Disposable {
  set(attributes: SpanAttributes): void;
  fail(error: SpanError): void;
}

/** Where nothing is recorded. */
export const NO_SPAN: OpenSpan = { set: () => undefined, fail: () => undefined, [Symbol.dispose]: () => undefined };

/** Ends the span when the work ends, with its error when it throws one. */
export async function spanning<T>(span: OpenSpan, work: () => Promise<T>): Promise<T> {
  using open = span;
  try {
    return await work();
  } catch (error) {
    open.fail({ code: String(errorFields(error)["error_type"]), message: messageOf(error) });
    throw error;
  }
}

/** Reads wall-clock milliseconds that go on evenly, whatever happens to the wall clock meanwhile. */
export type SpanTime = () => number;

export function spanTime(clock: Clock): SpanTime {
  const offset = clock.now() - clock.monotonic();
  return () => offset + clock.monotonic();
}

/** Opens a span; `ended` gets it when it is over, once. */
export function openSpan(start: Pick<FinishedSpan, "name" | "kind" | "context" | "parent" | "links">, time: SpanTime, ended: (span: FinishedSpan) => void): OpenSpan {
  const startMs = time();
  let attributes: SpanAttributes = {};
  let failure: { error?: SpanError } = {};
  let over = false;
  return {
    set: (more) => void (attributes = { ...attributes, ...more }),
    fail: (error) => void (failure = { error }),
    [Symbol.dispose]: () => {
      if (!over) ended({ ...start, startMs, endMs: time(), attributes, ...failure });
      over = true;
    },
  };
}
