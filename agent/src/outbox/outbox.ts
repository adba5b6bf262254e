import { type Backoff, type Clock, exponentialBackoff, messageOf, type Timer } from "@sightline/shared";
import type { Logger } from "@sightline/shared/telemetry";
import { joinResultBatch, PARTITIONS, partitionOf } from "@sightline/shared/wire";
import { Backlog, type BacklogLimits, type Waiting } from "./backlog.ts";
import { Journal } from "./journal.ts";

/** Stores one batch in the hub's stream; rejects when it is not known to be stored. */
export type Publish = (partition: number, batch: Uint8Array) => Promise<void>;

export interface OutboxOptions {
  directory: string;
  clock: Clock;
  random: () => number;
  log: Logger;
  limits?: BacklogLimits;
}

const MAX_BATCH = 50;
/** How long a result may wait for others to share its message, at most. */
const MAX_LINGER_MS = 2000;
const DEFAULT_LIMITS: BacklogLimits = { maxBytes: 64 * 1024 ** 2, segmentBytes: 256 * 1024, maxInMemory: 10_000 };

/** The results of one partition, in order; at most one publish is under way. */
interface Lane {
  queue: Waiting[];
  sending: boolean;
  /** All that waits now is to be sent without lingering. */
  due: boolean;
  linger: { timer: Timer; at: number } | undefined;
  retry: Timer | undefined;
  backoff: Backoff;
}

/** Gets every result to the hub, in order per partition, over any outage: what cannot be kept is counted as lost. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #backlog: Backlog;
  readonly #lanes: Lane[];
  #publish: Publish | undefined;
  #emptied: (() => void) | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#lanes = Array.from({ length: PARTITIONS }, () => newLane(options.random));
    this.#backlog = new Backlog({
      journal: new Journal(options.directory),
      limits: options.limits ?? DEFAULT_LIMITS,
      log: options.log,
      ready: (waiting) => this.#enqueue(waiting),
      forget: (isGivenUp) => {
        for (const lane of this.#lanes) lane.queue = lane.queue.filter((waiting) => !isGivenUp(waiting));
      },
    });
    this.#backlog.restore();
  }

  get queued(): number {
    return this.#backlog.queued;
  }

  get lost(): number {
    return this.#backlog.lost;
  }

  /**
   * Takes one result, as the JSON of its event. An urgent one is published at once, after the older ones of its partition;
   * any other waits for company, but no longer than `lingerMs`: results of a quick check must not look stale for it.
   */
  add(uid: string, event: string, { urgent, lingerMs }: { urgent: boolean; lingerMs: number }): void {
    const partition = partitionOf(uid);
    this.#backlog.add(partition, event);
    if (urgent) this.#flush(partition);
    else this.#consider(partition, lingerMs);
  }

  /** The way to the hub is open: everything that waits is sent. */
  open(publish: Publish): void {
    this.#publish = publish;
    for (const [partition, lane] of this.#lanes.entries()) {
      lane.retry?.cancel();
      lane.retry = undefined;
      lane.backoff.reset();
      this.#flush(partition);
    }
  }

  /** The way to the hub is shut: results are kept. */
  shut(): void {
    this.#publish = undefined;
  }

  /** Sends what waits, for at most `limitMs`; the rest stays on disk for the next start. */
  async close(limitMs: number): Promise<void> {
    for (const partition of this.#lanes.keys()) this.#flush(partition);
    if (this.#publish !== undefined && this.queued > 0) {
      await new Promise<void>((resolve) => {
        const timer = this.#options.clock.schedule(limitMs, resolve);
        this.#emptied = () => {
          timer.cancel();
          resolve();
        };
      });
    }
    this.shut();
    for (const lane of this.#lanes) {
      lane.linger?.timer.cancel();
      lane.retry?.cancel();
    }
    this.#backlog.close();
  }

  #enqueue(waiting: Waiting): void {
    this.#lane(waiting.partition).queue.push(waiting);
    this.#consider(waiting.partition, MAX_LINGER_MS);
  }

  /** Starts the wait for others, or sends when there are enough. */
  #consider(partition: number, lingerMs: number): void {
    const lane = this.#lane(partition);
    if (lane.queue.length >= MAX_BATCH) return this.#flush(partition);
    if (lane.queue.length > 0) this.#linger(partition, lane, Math.min(lingerMs, MAX_LINGER_MS));
  }

  #linger(partition: number, lane: Lane, lingerMs: number): void {
    const { clock } = this.#options;
    const at = clock.monotonic() + lingerMs;
    if (lane.linger !== undefined && lane.linger.at <= at) return;
    lane.linger?.timer.cancel();
    lane.linger = { at, timer: clock.schedule(lingerMs, () => this.#flush(partition)) };
  }

  #flush(partition: number): void {
    const lane = this.#lane(partition);
    lane.linger?.timer.cancel();
    lane.linger = undefined;
    lane.due = lane.queue.length > 0;
    this.#send(partition);
  }

  #send(partition: number): void {
    const lane = this.#lane(partition);
    if (this.#publish === undefined || !lane.due || lane.sending || lane.retry !== undefined) return;
    const batch = lane.queue.slice(0, MAX_BATCH);
    if (batch.length === 0) {
      lane.due = false;
      return;
    }
    lane.sending = true;
    for (const waiting of batch) waiting.sending = true;
    void this.#deliver(partition, batch, this.#publish);
  }

  async #deliver(partition: number, batch: Waiting[], publish: Publish): Promise<void> {
    const lane = this.#lane(partition);
    try {
      await publish(partition, joinResultBatch(batch.map(({ event }) => event)));
      lane.backoff.reset();
      lane.queue.splice(0, batch.length);
      this.#backlog.acknowledge(batch);
    } catch (error) {
      this.#options.log.debug("A batch of results was not stored; it will be sent again", { partition, error: messageOf(error) });
      for (const waiting of batch) waiting.sending = false;
      lane.retry = this.#options.clock.schedule(lane.backoff.next(), () => {
        lane.retry = undefined;
        this.#send(partition);
      });
    }
    lane.sending = false;
    this.#send(partition);
    if (this.queued === 0) this.#emptied?.();
  }

  #lane(partition: number): Lane {
    const lane = this.#lanes[partition];
    if (lane === undefined) throw new RangeError(`there is no partition ${partition}`);
    return lane;
  }
}

function newLane(random: () => number): Lane {
  return { queue: [], sending: false, due: false, linger: undefined, retry: undefined, backoff: exponentialBackoff({ baseMs: 200, maxMs: 10_000, random }) };
}
