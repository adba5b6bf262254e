import type { NatsConnection } from "nats";
import { type Backoff, exponentialBackoff } from "../backoff.ts";
import { sleep } from "../clock.ts";
import { followLink } from "./link-state.ts";
import { type StreamHandlers, type StreamReaderOptions, StreamSession } from "./stream-session.ts";

/**
 * Reads a stream in order, for ever. Each session begins where the handlers say, and tells them when it had to begin at
 * the first message instead. A session ends and the next begins when the connection came back, when the stream is no
 * longer the one that was being read, on an error (after a back-off), and on `restart`.
 */
export class StreamReader {
  readonly #options: StreamReaderOptions;
  readonly #handlers: StreamHandlers;
  readonly #backoff: Backoff;
  readonly #stopped = new AbortController();
  #session = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: StreamReaderOptions & { random: () => number }, handlers: StreamHandlers) {
    this.#options = options;
    this.#handlers = { ...handlersOf(handlers), caughtUp: () => (this.#backoff.reset(), handlers.caughtUp()) };
    this.#backoff = exponentialBackoff({ baseMs: 100, maxMs: 5000, random: options.random });
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the current session; the next one begins at once. */
  restart(): void {
    this.#session.abort();
  }

  /** Resolves when no handler will be called any more. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#session.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const stopWatching = onReconnect(this.#options.connection, () => this.restart());
    while (!this.#stopped.signal.aborted && !this.#options.connection.isClosed()) {
      this.#session = new AbortController();
      try {
        await new StreamSession(this.#options, this.#handlers, this.#session.signal).run();
      } catch (error) {
        this.#options.onError(error);
        await sleep(this.#options.clock, this.#backoff.next(), this.#stopped.signal);
      }
    }
    stopWatching();
  }
}

function handlersOf(handlers: StreamHandlers): StreamHandlers {
  return {
    position: () => handlers.position(),
    begin: (start) => handlers.begin(start),
    message: (message) => handlers.message(message),
    caughtUp: () => handlers.caughtUp(),
    alive: () => handlers.alive?.(),
    drained: () => handlers.drained?.(),
    minimumMessages: () => handlers.minimumMessages?.() ?? 0,
  };
}

/** Calls `listener` each time the connection has come back. @returns a function that ends it. */
export function onReconnect(connection: NatsConnection, listener: () => void): () => void {
  let stopped = false;
  void followLink(connection, (connected) => {
    if (connected && !stopped) listener();
  });
  return () => void (stopped = true);
}
