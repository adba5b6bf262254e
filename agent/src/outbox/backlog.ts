import { messageOf } from "@sightline/shared";
import type { Logger } from "@sightline/shared/telemetry";
import type { Journal } from "./journal.ts";

/** One result that waits to be published. */
export interface Waiting {
  partition: number;
  /** The CloudEvent, as JSON. */
  event: string;
  segment: Segment;
  /** Part of a publish under way: it can no longer be given up. */
  sending: boolean;
}

interface Segment {
  id: number;
  bytes: number;
  /** Records that nobody has acknowledged or given up yet. */
  open: number;
  /** Whether the records are in memory too. Only the newest ones may not be. */
  loaded: boolean;
  /** Nothing is appended any more: its last line may be torn, and would tear the next one too. */
  sealed: boolean;
}

export interface BacklogLimits {
  /** Of all segments on disk together. */
  maxBytes: number;
  segmentBytes: number;
  /** Records kept in memory as well; the later ones are read back from disk when it is their turn. */
  maxInMemory: number;
}

export interface BacklogOptions {
  journal: Journal;
  limits: BacklogLimits;
  log: Logger;
  /** A record's turn has come: it is in memory, after all older ones. */
  ready: (waiting: Waiting) => void;
  /** Takes the records of a segment that is given up out of the queues, but for those being sent. */
  forget: (isGivenUp: (waiting: Waiting) => boolean) => void;
}

/**
 * Everything that waits to be published, in order: on disk in segments, the oldest also in memory. Bounded: past the
 * limit the oldest segment is given up, and its records are counted as lost.
 */
export class Backlog {
  readonly #options: BacklogOptions;
  /** Oldest first; the last one is being written. */
  readonly #segments: Segment[] = [];
  #nextId = 1;
  #inMemory = 0;
  #queued = 0;
  #lost = 0;
  #diskFails = false;

  constructor(options: BacklogOptions) {
    this.#options = options;
  }

  /** Records not yet acknowledged. */
  get queued(): number {
    return this.#queued;
  }

  /** Records given up since the start. */
  get lost(): number {
    return this.#lost;
  }

  /** Takes over what an earlier run left. A torn record counts as lost. */
  restore(): void {
    for (const { id, bytes, records, damaged } of this.#options.journal.found()) {
      this.#lost += damaged;
      this.#nextId = id + 1;
      if (records.length === 0) this.#options.journal.remove(id);
      else this.#segments.push({ id, bytes, open: records.length, loaded: false, sealed: true });
      this.#queued += records.length;
    }
    this.#bound();
  }

  add(partition: number, event: string): void {
    const segment = this.#current();
    const written = this.#write(segment, `${partition} ${event}`);
    if (!written && !segment.loaded) {
      this.#lost += 1;
      return;
    }
    segment.open += 1;
    this.#queued += 1;
    if (segment.loaded) this.#ready(segment, partition, event);
  }

  /** The records are published. */
  acknowledge(waiting: readonly Waiting[]): void {
    for (const { segment } of waiting) segment.open -= 1;
    this.#inMemory -= waiting.length;
    this.#queued -= waiting.length;
    for (const segment of new Set(waiting.map((one) => one.segment))) this.#removeIfDone(segment);
    this.#load();
  }

  #ready(segment: Segment, partition: number, event: string): void {
    this.#inMemory += 1;
    this.#options.ready({ partition, event, segment, sending: false });
  }

  /** The segment to write to: the last one, or a new one when that is full or must not grow in memory. */
  #current(): Segment {
    const last = this.#segments.at(-1);
    const room = this.#inMemory < this.#options.limits.maxInMemory;
    const full = last === undefined || last.sealed || last.bytes >= this.#options.limits.segmentBytes;
    if (!full && (!last.loaded || room)) return last;
    const segment = { id: this.#nextId++, bytes: 0, open: 0, loaded: room && (last?.loaded ?? true), sealed: false };
    this.#segments.push(segment);
    this.#bound();
    return segment;
  }

  #write(segment: Segment, record: string): boolean {
    try {
      segment.bytes += this.#options.journal.append(segment.id, record);
      this.#diskFails = false;
      return true;
    } catch (error) {
      if (!this.#diskFails) this.#options.log.warn("The outbox cannot be written to disk", { error: messageOf(error) });
      this.#diskFails = true;
      segment.sealed ||= segment.bytes > 0;
      return false;
    }
  }

  #bound(): void {
    let bytes = this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
    while (bytes > this.#options.limits.maxBytes && this.#segments.length > 1) {
      const oldest = this.#segments.shift();
      if (oldest === undefined) return;
      bytes -= oldest.bytes;
      this.#giveUp(oldest);
    }
    this.#load();
  }

  #giveUp(segment: Segment): void {
    let given = segment.open;
    if (segment.loaded) {
      given = 0;
      this.#options.forget((waiting) => {
        const gone = waiting.segment === segment && !waiting.sending;
        if (gone) given += 1;
        return gone;
      });
      this.#inMemory -= given;
    }
    segment.open -= given;
    this.#queued -= given;
    this.#lost += given;
    this.#options.log.warn("The outbox is full; its oldest results were given up", { lost: given });
    // What is being sent is neither lost nor stored yet: it stays on disk until one of both is known.
    if (segment.open === 0) this.#removeFile(segment);
  }

  /** The segment being written stays while it is small: a file for each batch would be waste. */
  #removeIfDone(segment: Segment): void {
    const index = this.#segments.indexOf(segment);
    if (segment.open > 0) return;
    if (index === -1) return this.#removeFile(segment);
    if (index === this.#segments.length - 1 && !segment.sealed && segment.bytes < this.#options.limits.segmentBytes / 4) return;
    this.#segments.splice(index, 1);
    this.#removeFile(segment);
  }

  #removeFile({ id, bytes }: Segment): void {
    if (bytes === 0) return;
    try {
      this.#options.journal.remove(id);
    } catch (error) {
      this.#options.log.warn("A file of the outbox could not be removed", { error: messageOf(error) });
    }
  }

  /** Reads segments back into memory, oldest first, as far as there is room. */
  #load(): void {
    for (const segment of this.#segments.filter(({ loaded }) => !loaded)) {
      if (this.#inMemory >= this.#options.limits.maxInMemory / 2) return;
      this.#loadSegment(segment);
    }
  }

  #loadSegment(segment: Segment): void {
    const before = segment.open;
    let records: string[] = [];
    try {
      records = segment.bytes === 0 ? [] : this.#options.journal.read(segment.id).records;
    } catch (error) {
      this.#options.log.warn("A file of the outbox could not be read", { error: messageOf(error) });
    }
    segment.loaded = true;
    segment.open = records.length;
    this.#queued += records.length - before;
    this.#lost += Math.max(0, before - records.length);
    for (const record of records) {
      const space = record.indexOf(" ");
      this.#ready(segment, Number(record.slice(0, space)), record.slice(space + 1));
    }
    this.#removeIfDone(segment);
  }

  /** At the end of a clean run nothing is left on disk that was published. */
  close(): void {
    if (this.#queued === 0) for (const segment of this.#segments) this.#removeFile(segment);
    this.#options.journal.close();
  }
}
