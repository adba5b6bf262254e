import type { FinishedSpan, Tracer } from "../telemetry/mod.ts";

/** Keeps the spans that it gets. */
export class RecordingTracer implements Tracer {
  readonly enabled: boolean;
  readonly spans: FinishedSpan[] = [];

  constructor(enabled = true) {
    this.enabled = enabled;
  }

  /** Names of the spans, in order of their end. */
  get names(): string[] {
    return this.spans.map(({ name }) => name);
  }

  /** The only span of that name. Throws when there is none, or more than one. */
  only(name: string): FinishedSpan {
    const [span, ...others] = this.spans.filter((candidate) => candidate.name === name);
    if (span === undefined || others.length > 0) throw new Error(`there are ${others.length + (span === undefined ? 0 : 1)} spans ${name}, not one`);
    return span;
  }

  export(span: FinishedSpan): void {
    this.spans.push(span);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
