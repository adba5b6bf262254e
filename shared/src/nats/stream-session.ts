import { type Consumer, type ConsumerMessages, DeliverPolicy, type JetStreamManager, jetstreamManager, type JsMsg, type StreamInfo } from "@nats-io/jetstream";
import type { NatsConnection } from "nats";
import type { Clock } from "../clock.ts";
import type { StreamMessage } from "../protocol/staging.ts";
import { isDeleteMarker, signatureIn } from "./stream-message.ts";

export interface ReadMessage extends StreamMessage {
  /** When the server stored it, milliseconds since the Unix epoch. */
  storedAt: number;
  /** Messages that still waited for this reader when the server sent this one. */
  pending: number;
}

/** How far a reader has come. Names the stream's life too: a sequence of a recreated stream means another message. */
export interface ReadPosition {
  /** Creation time of the stream, as the server writes it. */
  created: string;
  /** Sequence of the last message read; 0 before the first. */
  sequence: number;
  /** When that message was stored; 0 before the first, or when it is not known. */
  storedAt: number;
}

export interface ReadStart {
  created: string;
  /** The stream's last sequence when reading began. */
  lastSequence: number;
  /** False when reading begins at the first message: nothing known before holds. */
  resumed: boolean;
}

export interface StreamHandlers {
  /** Where to go on reading, or undefined to read from the first message. */
  position(): ReadPosition | undefined;
  begin(start: ReadStart): void;
  /** Called in stream order, one at a time. */
  message(message: ReadMessage): void | Promise<void>;
  /** Everything that was stored when reading began has been read. Once per session. */
  caughtUp(): void;
  /** The stream was heard: a message came, or it was looked at and is still the same. */
  alive?(): void;
  /** The stream was looked at, and no message waits to be read. */
  drained?(): void;
  /** At least so many messages must be stored: fewer means that some were purged. */
  minimumMessages?(): number;
}

export interface StreamReaderOptions {
  connection: NatsConnection;
  stream: string;
  /** Only messages on these subjects. */
  filter?: string;
  clock: Clock;
  /** How often the stream's identity is looked at, in milliseconds. */
  checkIntervalMs: number;
  onError: (error: unknown) => void;
}

/**
 * One reading of a stream, from a position until the stream turns out to be another one (deleted, recreated, rolled
 * back, purged) or `signal` aborts. An ordered consumer alone would wait for ever in a recreated stream for a sequence
 * that comes much later.
 */
export class StreamSession {
  readonly #options: StreamReaderOptions;
  readonly #handlers: StreamHandlers;
  readonly #signal: AbortSignal;
  #created = "";
  #lastAtStart = 0;
  #lastRead = 0;
  #caughtUp = false;

  constructor(options: StreamReaderOptions, handlers: StreamHandlers, signal: AbortSignal) {
    this.#options = options;
    this.#handlers = handlers;
    this.#signal = signal;
  }

  async run(): Promise<void> {
    const manager = await jetstreamManager(this.#options.connection, { checkAPI: false });
    const info = await manager.streams.info(this.#options.stream);
    const after = await this.#startAfter(manager, info);
    this.#created = info.created;
    this.#lastAtStart = info.state.last_seq;
    this.#lastRead = after ?? 0;
    const consumer = await this.#consumer(manager, this.#lastRead + 1);
    if (this.#signal.aborted) return;
    this.#handlers.begin({ created: info.created, lastSequence: info.state.last_seq, resumed: after !== undefined });
    if ((await consumer.info(true)).num_pending === 0) this.#reachEnd();
    await this.#consume(manager, consumer);
  }

  /** The sequence after which to go on, or undefined when the known position is none of this stream's. */
  async #startAfter(manager: JetStreamManager, info: StreamInfo): Promise<number | undefined> {
    const position = this.#handlers.position();
    if (position === undefined || position.created !== info.created || position.sequence > info.state.last_seq) return undefined;
    if (position.sequence === 0 || position.sequence < info.state.first_seq) return position.sequence;
    const stored = await manager.streams.getMessage(this.#options.stream, { seq: position.sequence });
    const same = stored === null || position.storedAt === 0 || stored.time.getTime() === position.storedAt;
    return same ? position.sequence : undefined;
  }

  #consumer(manager: JetStreamManager, from: number): Promise<Consumer> {
    const { stream, filter } = this.#options;
    return manager.jetstream().consumers.get(stream, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: from,
      ...(filter === undefined ? {} : { filter_subjects: filter }),
    });
  }

  async #consume(manager: JetStreamManager, consumer: Consumer): Promise<void> {
    const messages = await consumer.consume({ max_messages: 500, expires: 30_000, idle_heartbeat: 5_000 });
    const stop = (): void => messages.stop();
    this.#signal.addEventListener("abort", stop, { once: true });
    const watch = this.#watch(manager, consumer, messages);
    try {
      for await (const message of messages) {
        if (this.#signal.aborted) break;
        await this.#handle(message);
      }
    } finally {
      watch.stop();
      this.#signal.removeEventListener("abort", stop);
      messages.stop();
      void consumer.delete().catch(() => undefined);
    }
    await watch.ended;
  }

  async #handle(message: JsMsg): Promise<void> {
    const { headers, subject, seq, data } = message;
    const storedAt = Number(message.timestampNanos / 1_000_000n);
    await this.#handlers.message({ subject, sequence: seq, payload: isDeleteMarker(headers) ? null : data, ...signatureIn(headers), storedAt, pending: message.info.pending });
    this.#lastRead = seq;
    this.#handlers.alive?.();
    if (message.info.pending === 0 || seq >= this.#lastAtStart) this.#reachEnd();
  }

  #reachEnd(): void {
    if (this.#caughtUp) return;
    this.#caughtUp = true;
    this.#handlers.caughtUp();
  }

  /** Looks at the stream every now and then, and ends the reading when it is no longer the same. */
  #watch(manager: JetStreamManager, consumer: Consumer, messages: ConsumerMessages): { stop: () => void; ended: Promise<void> } {
    const { clock, checkIntervalMs } = this.#options;
    const ended = Promise.withResolvers<void>();
    let stopped = false;
    let timer = clock.schedule(checkIntervalMs, look);
    const again = (): void => {
      if (stopped) ended.resolve();
      else timer = clock.schedule(checkIntervalMs, look);
    };
    const check = async (): Promise<void> => {
      const same = await this.#isSame(manager, consumer);
      if (!same) messages.stop();
    };
    function look(): void {
      check().then(again, (error: unknown) => (messages.stop(), ended.reject(error)));
    }
    const stop = (): void => {
      stopped = true;
      timer.cancel();
      ended.resolve();
    };
    return { stop, ended: ended.promise };
  }

  async #isSame(manager: JetStreamManager, consumer: Consumer): Promise<boolean> {
    const readBefore = this.#lastRead;
    const minimum = this.#handlers.minimumMessages?.() ?? 0;
    const { created, state } = await manager.streams.info(this.#options.stream);
    if (created !== this.#created || state.last_seq < readBefore || state.messages < minimum) return false;
    if (!this.#caughtUp) await this.#noticeEnd(consumer);
    else if (state.last_seq <= this.#lastRead || (await consumer.info()).num_pending === 0) this.#noticeNothingWaits();
    return true;
  }

  #noticeNothingWaits(): void {
    this.#handlers.alive?.();
    this.#handlers.drained?.();
  }

  /** What was stored at the start may have been purged meanwhile: then no message says that the end is reached. */
  async #noticeEnd(consumer: Consumer): Promise<void> {
    const { num_pending: pending, delivered } = await consumer.info();
    if (pending === 0 && delivered.stream_seq <= this.#lastRead) this.#reachEnd();
  }
}
