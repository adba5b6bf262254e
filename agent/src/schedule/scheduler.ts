import type { Clock, Timer } from "@sightline/shared";
import { burstDelays, type Grid, gridOf, gridPointAfterFirst, gridPointFrom, requestGap } from "./phase.ts";
import { StartQueue } from "./start-queue.ts";
import { TimingWheel, type WheelEntry } from "./timing-wheel.ts";

/** What is scheduled: its identity, and how often. */
export interface Schedulable {
  uid: string;
  intervalMs: number;
}

/** A probe that the scheduler starts. */
export interface DueProbe<T> {
  item: T;
  /** Milliseconds since the Unix epoch: the point of the grid, or of the burst, that the probe stands for. */
  scheduledAt: number;
  /** The first one since the item was started as new or changed. */
  first: boolean;
}

/** A probe under way. `done` never rejects. */
export interface RunningProbe {
  done: Promise<void>;
  cancel(): void;
}

export interface SchedulerOptions<T> {
  cluster: string;
  clock: Clock;
  maxConcurrency: number;
  start: (probe: DueProbe<T>) => RunningProbe;
  /** A probe that was due and is not made. */
  skipped: (item: T) => void;
}

interface Entry<T> {
  item: T;
  grid: Grid;
  /** Wall-clock time of the next probe. */
  dueAt: number;
  wheel: WheelEntry<Entry<T>> | undefined;
  /** Monotonic time of the last due probe: what the distance to the next one is kept by when the wall clock jumps. */
  lastDue: number | undefined;
  /** What the probe that waits in the queue stands for. */
  scheduledAt: number;
  first: boolean;
  /** Where the check goes on after a probe that was asked for, once that falls due. */
  resumeAt: number | undefined;
  /** Monotonic time at which the last probe that was asked for fell due. */
  lastRequested: number | undefined;
  /** Fell due again while it waited for its turn, since it last started. */
  missedTurn: boolean;
  running: RunningProbe | undefined;
  /** Fell due while the one before still ran: it starts when that ends. */
  overdue: boolean;
}

/** A wall clock that moves by more than this against the monotonic one was set, not slewed. */
const JUMP_MS = 1000;

/** Starts each check's probes at its grid points. Due times are the wall clock's, waiting is the monotonic clock's. */
export class Scheduler<T extends Schedulable> {
  readonly #options: SchedulerOptions<T>;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #wheel: TimingWheel<Entry<T>>;
  readonly #queue: StartQueue<Entry<T>>;
  /** UIDs of the checks that do not get their turn in time. */
  readonly #starved = new Set<string>();
  /** Wall clock minus monotonic clock. */
  #offset: number;
  #timer: { at: number; timer: Timer } | undefined;
  #stopped = false;

  constructor(options: SchedulerOptions<T>) {
    this.#options = options;
    this.#wheel = new TimingWheel(options.clock.monotonic());
    this.#queue = new StartQueue(options.maxConcurrency);
    this.#offset = options.clock.now() - options.clock.monotonic();
  }

  get size(): number {
    return this.#entries.size;
  }

  get running(): number {
    return this.#queue.running;
  }

  /** Probes that are due and wait for one of the running ones to end. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  /**
   * UIDs of the checks that fell due again before the probe before had its turn, because too many others ran: until one
   * starts without that. A check whose own probe takes long is not among them.
   */
  get starved(): ReadonlySet<string> {
    return this.#starved;
  }

  /** Probes each item at once (a burst is paced), then at its phase. An item with the same UID is replaced. */
  startNow(items: readonly T[]): void {
    this.#followWallClock();
    const now = this.#options.clock.now();
    const delays = burstDelays(items.map(({ intervalMs }) => intervalMs));
    for (const [index, item] of items.entries()) this.#put(item, Math.floor(now) + (delays[index] ?? 0), true);
    this.#arm();
  }

  /** Goes on with each item's phases: an item that is not scheduled yet is first probed at its next phase. */
  goOn(items: readonly T[]): void {
    this.#followWallClock();
    for (const item of items) {
      const entry = this.#entries.get(item.uid);
      if (entry !== undefined) entry.item = item;
      else this.#put(item, gridPointFrom(this.#gridOf(item), this.#options.clock.now()), false);
    }
    this.#arm();
  }

  /**
   * Probes each of these scheduled checks once more, now (a burst is paced); then they go on at their phases. A check that was
   * asked for only just waits for `requestGap` to pass: no request is lost, and those that wait together are one.
   */
  probeNow(items: readonly T[]): void {
    this.#followWallClock();
    const now = Math.floor(this.#options.clock.now());
    const delays = burstDelays(items.map(({ intervalMs }) => intervalMs));
    for (const [index, { uid }] of items.entries()) {
      const entry = this.#entries.get(uid);
      if (entry !== undefined) this.#request(entry, Math.max(now + (delays[index] ?? 0), this.#nextRequest(entry)));
    }
    this.#arm();
  }

  /** The earliest time at which the check may be probed because somebody asked. */
  #nextRequest({ item, lastRequested }: Entry<T>): number {
    return lastRequested === undefined ? 0 : Math.ceil(lastRequested + this.#offset + requestGap(item.intervalMs));
  }

  /** A probe that comes sooner anyway, or a first one that is still to come, is the one that is asked for. */
  #request(entry: Entry<T>, at: number): void {
    if (entry.wheel === undefined || entry.dueAt <= at || (entry.first && entry.lastDue === undefined)) return;
    this.#wheel.remove(entry.wheel);
    entry.resumeAt ??= entry.dueAt;
    this.#plan(entry, at);
  }

  /** No probe of it starts any more; one under way is cancelled. */
  remove(uid: string): void {
    const entry = this.#entries.get(uid);
    if (entry === undefined) return;
    this.#entries.delete(uid);
    if (entry.wheel !== undefined) this.#wheel.remove(entry.wheel);
    this.#queue.drop(entry);
    this.#starved.delete(uid);
    entry.running?.cancel();
  }

  /** Removes all, for good. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.timer.cancel();
    for (const uid of this.#entries.keys()) this.remove(uid);
  }

  #gridOf(item: T): Grid {
    return gridOf(this.#options.cluster, item.uid, item.intervalMs);
  }

  #put(item: T, dueAt: number, first: boolean): void {
    this.remove(item.uid);
    const entry: Entry<T> = { item, grid: this.#gridOf(item), dueAt, wheel: undefined, lastDue: undefined, scheduledAt: dueAt, first, resumeAt: undefined, lastRequested: undefined, missedTurn: false, running: undefined, overdue: false };
    this.#entries.set(item.uid, entry);
    this.#plan(entry, dueAt);
  }

  #plan(entry: Entry<T>, dueAt: number): void {
    entry.dueAt = dueAt;
    entry.wheel = this.#wheel.add(entry, dueAt - this.#offset);
  }

  #arm(): void {
    const at = this.#wheel.nextWakeMs();
    if (at === undefined || this.#stopped || (this.#timer !== undefined && this.#timer.at <= at)) return;
    this.#timer?.timer.cancel();
    const timer = this.#options.clock.schedule(at - this.#options.clock.monotonic(), () => {
      this.#timer = undefined;
      this.#tick();
    });
    this.#timer = { at, timer };
  }

  #tick(): void {
    this.#followWallClock();
    for (const { value: entry } of this.#wheel.advance(this.#options.clock.monotonic())) this.#due(entry);
    this.#startWaiting();
    this.#arm();
  }

  /**
   * Queues the probe; behind the check's own one that still runs, as one that takes its whole timeout of one interval does.
   * A check waits once, and keeps its place when it falls due again.
   */
  #due(entry: Entry<T>): void {
    const { dueAt } = entry;
    if (entry.overdue || this.#queue.has(entry)) this.#skip(entry);
    else if (entry.running === undefined) this.#queue.push(entry);
    else entry.overdue = true;
    entry.scheduledAt = dueAt;
    entry.lastDue = this.#options.clock.monotonic();
    if (entry.resumeAt !== undefined) entry.lastRequested = entry.lastDue;
    this.#plan(entry, this.#nextDue(entry, dueAt));
  }

  /** The probe that waits already is also the one that was asked for; of the grid there is one less. */
  #skip(entry: Entry<T>): void {
    if (entry.resumeAt !== undefined) return;
    this.#options.skipped(entry.item);
    if (!this.#queue.has(entry)) return;
    entry.missedTurn = true;
    this.#starved.add(entry.item.uid);
  }

  /** The next point of the grid; points that passed while this process was held up are skipped, not made up for. */
  #nextDue(entry: Entry<T>, dueAt: number): number {
    const { grid, item, first, resumeAt } = entry;
    entry.resumeAt = undefined;
    let next = resumeAt ?? (first ? gridPointAfterFirst(grid, dueAt) : dueAt + grid.intervalMs);
    for (const now = this.#options.clock.now(); next <= now - grid.intervalMs; next += grid.intervalMs) this.#options.skipped(item);
    return next;
  }

  #startWaiting(): void {
    for (let entry = this.#queue.take(); entry !== undefined; entry = this.#queue.take()) this.#start(entry);
  }

  #start(entry: Entry<T>): void {
    const running = this.#options.start({ item: entry.item, scheduledAt: entry.scheduledAt, first: entry.first });
    entry.first = false;
    if (!entry.missedTurn) this.#starved.delete(entry.item.uid);
    entry.missedTurn = false;
    entry.running = running;
    void this.#awaitEnd(entry, running);
  }

  async #awaitEnd(entry: Entry<T>, running: RunningProbe): Promise<void> {
    await running.done;
    entry.running = undefined;
    this.#queue.release();
    if (entry.overdue && this.#entries.get(entry.item.uid) === entry) this.#queue.push(entry);
    entry.overdue = false;
    this.#startWaiting();
  }

  /** Small corrections of the wall clock are followed at each check's next planning; a jump re-aligns all of them at once. */
  #followWallClock(): void {
    const { clock } = this.#options;
    const offset = clock.now() - clock.monotonic();
    const jumped = Math.abs(offset - this.#offset) > JUMP_MS;
    this.#offset = offset;
    if (!jumped) return;
    for (const entry of this.#entries.values()) this.#realign(entry);
  }

  /**
   * Finds the check's place on the grid of the new wall clock, at least half an interval after its last probe. A first
   * probe that was not due yet keeps its distance: it is part of a paced burst.
   */
  #realign(entry: Entry<T>): void {
    if (entry.wheel === undefined) return;
    this.#wheel.remove(entry.wheel);
    const { clock } = this.#options;
    if (entry.resumeAt !== undefined) entry.resumeAt = gridPointFrom(entry.grid, clock.now() + entry.grid.intervalMs / 2);
    if (entry.resumeAt !== undefined || (entry.first && entry.lastDue === undefined)) return this.#plan(entry, Math.round(entry.wheel.dueMs + this.#offset));
    const waited = entry.lastDue === undefined ? Number.POSITIVE_INFINITY : clock.monotonic() - entry.lastDue;
    const earliest = clock.now() + Math.max(0, entry.grid.intervalMs / 2 - waited);
    this.#plan(entry, gridPointFrom(entry.grid, earliest));
  }
}
