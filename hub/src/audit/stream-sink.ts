import type { AuditSink, Opening } from "./sink.ts";

/** Lines for whoever collects the standard output: handed to the system, and then out of our hands. Each run has a chain of its own. */
export class StreamSink implements AuditSink {
  readonly full = false;
  readonly #stream: NodeJS.WritableStream;

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream;
  }

  async open(): Promise<Opening> {
    return { tail: undefined };
  }

  append(lines: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(lines, (error) => (error instanceof Error ? reject(error) : resolve()));
    });
  }

  async rotate(): Promise<void> {
    // It is never full.
  }

  async close(): Promise<void> {
    // Not ours to close.
  }
}
