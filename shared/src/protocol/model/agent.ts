import { WireError } from "../../wire/errors.ts";
import type { Position, SetSummary } from "../../wire/head.ts";
import { type CompleteSet, isWhole, Staging } from "../staging.ts";
import { isAuthentic } from "../testing.ts";
import { ModelConsumer, type ModelDelivery, type ModelStream } from "./nats.ts";

/** After so long without a match and without a new message an agent sets its consumer back. Milliseconds. */
export const RESET_AFTER_MS = 5000;

/**
 * An agent as a state machine: what was delivered but not yet taken in, what is staged, what lies on disk, what it runs.
 * A new set reaches the disk before it is run, so that a restart never goes back.
 */
export class ModelAgent {
  readonly cluster: string;
  readonly consumer: ModelConsumer;
  #staging: Staging;
  #disk: CompleteSet | undefined;
  #inbox: ModelDelivery[] = [];
  #last = { delivery: 0, stream: 0 };
  #lastMessageAt = 0;
  resets = 0;

  constructor(cluster: string, stream: ModelStream) {
    this.cluster = cluster;
    this.consumer = new ModelConsumer(stream, cluster);
    this.#staging = new Staging(cluster, isAuthentic);
  }

  /** What it probes by. */
  get running(): CompleteSet | undefined {
    return this.#disk;
  }

  get inSync(): boolean {
    return this.#staging.state === "in-sync";
  }

  get held(): (Position & SetSummary) | null {
    if (this.#disk === undefined) return null;
    const { epoch, generation, count, checksum } = this.#disk.head;
    return { epoch, generation, count, checksum };
  }

  /** The server sends up to `count` messages; they wait in the inbox. */
  pull(count: number): void {
    for (let left = count; left > 0; left -= 1) {
      const delivery = this.consumer.next();
      if (delivery === undefined) return;
      this.#inbox.push(delivery);
    }
  }

  redeliver(pick: number): void {
    const delivery = this.consumer.redeliver(pick);
    if (delivery !== undefined) this.#inbox.push(delivery);
  }

  /** Takes up to `count` messages in. With `crash` it dies after a switch, before the new set is on disk. */
  handle(count: number, now: number, crash = false): void {
    for (const delivery of this.#inbox.splice(0, count)) {
      const set = this.#receive(delivery, now);
      if (set === undefined) continue;
      if (crash) return this.restart(now);
      this.#disk = set;
    }
  }

  /** The process ends and starts: from disk, with its consumer set back, and without what was on its way. */
  restart(now: number): void {
    const kept = this.#disk !== undefined && isWhole(this.cluster, this.#disk, isAuthentic) ? this.#disk : undefined;
    this.#disk = kept;
    this.#staging = new Staging(this.cluster, isAuthentic, kept);
    this.#inbox = [];
    this.#last = { delivery: 0, stream: 0 };
    this.#lastMessageAt = now;
    this.consumer.reset();
  }

  loseDisk(now: number): void {
    this.#disk = undefined;
    this.restart(now);
  }

  /** Time passes: an agent that waits in vain sets its consumer back. */
  tick(now: number): void {
    if (this.#inbox.length > 0 || this.#staging.state !== "incomplete" || now - this.#lastMessageAt < RESET_AFTER_MS) return;
    this.consumer.reset();
    this.#lastMessageAt = now;
    this.resets += 1;
  }

  #receive(delivery: ModelDelivery, now: number): CompleteSet | undefined {
    this.#lastMessageAt = now;
    if (this.#startsOver(delivery)) this.#staging.startOver();
    try {
      return this.#staging.receive(delivery.message);
    } catch (error) {
      if (error instanceof WireError) return undefined;
      throw error;
    }
  }

  /** As nats/assignment-reader.ts tells it: the consumer counts from 1 again, or stream sequences go back. */
  #startsOver({ message, deliverySequence, deliveryCount }: ModelDelivery): boolean {
    const over = deliverySequence <= this.#last.delivery || (deliveryCount === 1 && message.sequence <= this.#last.stream);
    this.#last = { delivery: deliverySequence, stream: over ? message.sequence : Math.max(message.sequence, this.#last.stream) };
    return over;
  }
}
