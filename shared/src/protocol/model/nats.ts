import type { PlannedMessage } from "../writer.ts";
import type { StreamMessage } from "../staging.ts";
import { parseAssignmentSubject } from "../../wire/subjects.ts";

/**
 * The assignment stream as JetStream keeps it (max_msgs_per_subject 1), with everything that can happen to it.
 * A model for tests: no I/O, no clock.
 */

export interface StoredMessage extends StreamMessage {
  /** Of the atomic batch that stored it; undefined when it was written by hand. */
  batchId: string | undefined;
}

export type CommitOutcome = { kind: "committed"; lastSequence: number } | { kind: "refused"; code: number };

export interface StreamSnapshot {
  messages: ReadonlyMap<string, StoredMessage>;
  lastSequence: number;
}

export class ModelStream {
  #messages = new Map<string, StoredMessage>();
  readonly #former = new Map<string, StoredMessage>();
  #lastSequence = 0;
  /** Rises when the stream is deleted and made again, as its creation time would. */
  incarnation = 1;

  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** An atomic batch: all expectations are checked against what was stored before it, then all is stored or nothing. */
  commit(batchId: string, messages: readonly PlannedMessage[]): CommitOutcome {
    for (const { subject, expectedLastSequence } of messages) {
      if (expectedLastSequence !== undefined && expectedLastSequence !== (this.stored(subject)?.sequence ?? 0)) return { kind: "refused", code: 10_071 };
    }
    for (const { subject, payload, signature } of messages) this.#store({ subject, payload, ...(signature === undefined ? {} : { signature }) }, batchId);
    return { kind: "committed", lastSequence: this.#lastSequence };
  }

  /** A plain publish to one key: somebody's `nats kv put`, or `nats kv del` with null. They choose the signature, too. */
  writeByHand(message: Omit<StreamMessage, "sequence">): void {
    this.#store(message, undefined);
  }

  /** What was stored of a subject before what is stored now, for somebody who kept a copy. */
  former(subject: string): StoredMessage | undefined {
    return this.#former.get(subject);
  }

  stored(subject: string): StoredMessage | undefined {
    return this.#messages.get(subject);
  }

  /** Everything that is stored, in stream order. */
  all(): StoredMessage[] {
    return [...this.#messages.values()].toSorted((a, b) => a.sequence - b.sequence);
  }

  /** What a consumer of one cluster gets next after a sequence: the first message that is still stored. */
  nextAfter(sequence: number, cluster: string): StoredMessage | undefined {
    return this.all().find((message) => message.sequence > sequence && parseAssignmentSubject(message.subject)?.cluster === cluster);
  }

  /** Per-message TTL: delete markers vanish without a trace. */
  expireMarkers(): void {
    for (const [subject, { payload }] of this.#messages) if (payload === null) this.#messages.delete(subject);
  }

  /** Purge of one subject: it vanishes without a marker. */
  forget(subject: string): void {
    this.#messages.delete(subject);
  }

  /** Purge of the stream: all messages vanish, sequences go on. */
  purge(): void {
    this.#messages.clear();
  }

  /** Deleted and made again: sequences restart at 1. */
  recreate(): void {
    this.#messages.clear();
    this.#lastSequence = 0;
    this.incarnation += 1;
  }

  snapshot(): StreamSnapshot {
    return { messages: new Map(this.#messages), lastSequence: this.#lastSequence };
  }

  /** An older state comes back: a restored disk, or a lost tail of acknowledged writes. Sequences go back, too. */
  rollBack(snapshot: StreamSnapshot): void {
    this.#messages = new Map(snapshot.messages);
    this.#lastSequence = snapshot.lastSequence;
  }

  #store(message: Omit<StreamMessage, "sequence">, batchId: string | undefined): void {
    const before = this.stored(message.subject);
    if (before !== undefined) this.#former.set(message.subject, before);
    this.#lastSequence += 1;
    this.#messages.set(message.subject, { ...message, sequence: this.#lastSequence, batchId });
  }
}

/** One delivery of a consumer. `deliverySequence` is the consumer's own count, and begins again at 1 after a reset. */
export interface ModelDelivery {
  message: StreamMessage;
  deliverySequence: number;
  deliveryCount: number;
}

/** An agent's durable consumer: it stands on the server, and may be set back, lag, and deliver again. */
export class ModelConsumer {
  readonly #stream: ModelStream;
  readonly #cluster: string;
  #position = 0;
  #delivered = 0;

  constructor(stream: ModelStream, cluster: string) {
    this.#stream = stream;
    this.#cluster = cluster;
  }

  next(): ModelDelivery | undefined {
    const message = this.#stream.nextAfter(this.#position, this.#cluster);
    if (message === undefined) return undefined;
    this.#position = message.sequence;
    return this.#deliver(message, 1);
  }

  /** A message whose acknowledgement was lost comes again, if it is still stored. */
  redeliver(pick: number): ModelDelivery | undefined {
    const seen = this.#stream.all().filter(({ sequence, subject }) => sequence <= this.#position && parseAssignmentSubject(subject)?.cluster === this.#cluster);
    const message = seen[pick % Math.max(1, seen.length)];
    return message === undefined ? undefined : this.#deliver(message, 2);
  }

  /** Set back to the first message; also what a consumer that was made again looks like. */
  reset(): void {
    this.#position = 0;
    this.#delivered = 0;
  }

  /** The consumer's state was rolled back together with its stream. */
  clampTo(lastSequence: number): void {
    this.#position = Math.min(this.#position, lastSequence);
  }

  #deliver({ batchId: _own, ...message }: StoredMessage, deliveryCount: number): ModelDelivery {
    this.#delivered += 1;
    return { message, deliverySequence: this.#delivered, deliveryCount };
  }
}
