import { type Backoff, type Clock, exponentialBackoff, sleep } from "@sightline/shared";
import type { ObjectMeta } from "@sightline/shared/api";
import { errorFields, type Logger } from "@sightline/shared/telemetry";
import { isKubeError, kubeError } from "./errors.ts";
import { listPages } from "./list-pages.ts";
import type { ControllerMetrics } from "./metrics.ts";
import { ObjectCache, resourceVersionOf } from "./object-cache.ts";
import type { ObjectSource, WatchEventType } from "./object-source.ts";
import { keyOf } from "./resources.ts";
import type { ObservableLister } from "./types.ts";

/** Milliseconds throughout. */
export interface InformerTiming {
  /** Back-off after failures: from, and at most. The last one stays under 30 s together with a list's time-out. */
  backoffBaseMs: number;
  backoffMaxMs: number;
  /** Least distance between two lists, the first two excepted. */
  listGapMs: number;
  /** How long the picture counts as synced without any word from the server. */
  staleMs: number;
  /** A list is made anew after this long, whatever the watch said: events can be lost without a trace. */
  relistMs: number;
}

export const DEFAULT_INFORMER_TIMING: InformerTiming = {
  backoffBaseMs: 1000,
  backoffMaxMs: 20_000,
  listGapMs: 5000,
  staleMs: 30_000,
  relistMs: 600_000,
};

/** A watch that ends sooner than this has not worked, even if it ended in good order. */
const SHORT_WATCH_MS = 1000;

export interface InformerOptions<T> {
  /** Lower case name of the kind, for log lines and metrics. */
  resource: string;
  source: ObjectSource;
  parse: (value: unknown) => T;
  clock: Clock;
  random: () => number;
  logger: Logger;
  metrics: ControllerMetrics;
  timing?: InformerTiming;
}

/**
 * Keeps a picture of all objects of one kind by a list and a watch, until it is stopped. Nothing else ends it: after any
 * error it goes on, from where it was when the server allows that, else with a new list.
 */
export class Informer<T extends { metadata: ObjectMeta }> implements ObservableLister<T> {
  readonly #options: InformerOptions<T>;
  readonly #timing: InformerTiming;
  readonly #cache: ObjectCache<T>;
  readonly #backoff: Backoff;
  readonly #listeners = new Set<(key: string, object: T | undefined) => void>();
  readonly #stopping = new AbortController();
  #waiters: { afterList: number; resolve: () => void }[] = [];
  #running: Promise<void> | undefined;
  /** Ends the present watch. */
  #nudge = new AbortController();
  #resourceVersion: string | undefined;
  /** The last version that the server told, also once it is no longer gone on from. */
  #newestVersion = "";
  #watching = false;
  #heardAt = 0;
  #listStarts = 0;
  #listsDone = 0;
  #listStartedAt = 0;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    this.#timing = options.timing ?? DEFAULT_INFORMER_TIMING;
    this.#backoff = exponentialBackoff({ baseMs: this.#timing.backoffBaseMs * 2, maxMs: this.#timing.backoffMaxMs, random: options.random });
    this.#cache = new ObjectCache<T>({
      parse: options.parse,
      refused: (key, error) => {
        options.metrics.unreadable(options.resource);
        options.logger.error("Object cannot be read, its last readable version stays", { resource: options.resource, key, ...errorFields(error) });
      },
      changed: (key, object) => this.#tell(key, object),
    });
  }

  get(key: string): T | undefined {
    return this.#cache.get(key);
  }

  all(): T[] {
    return this.#cache.all();
  }

  get size(): number {
    return this.#cache.size;
  }

  /** UIDs of all objects that exist, also of those that cannot be read. */
  uids(): Set<string> {
    return this.#cache.uids();
  }

  get synced(): boolean {
    if (this.#listsDone === 0) return false;
    return this.#watching || this.#options.clock.monotonic() - this.#heardAt <= this.#timing.staleMs;
  }

  onChange(listener: (key: string, object: T | undefined) => void): () => void {
    const told = this.#guarded(listener);
    this.#listeners.add(told);
    for (const object of this.#cache.all()) told(keyOf(object.metadata), object);
    return () => void this.#listeners.delete(told);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#nudge.abort();
    await this.#running;
    this.#release();
  }

  /** Resolves after the first full list, or when the informer is stopped. */
  whenListed(): Promise<void> {
    return this.#afterList(1);
  }

  /** Asks for a new list, and resolves after one that was begun after this call, or when the informer is stopped. */
  refresh(): Promise<void> {
    const listed = this.#afterList(this.#listStarts + 1);
    this.#resourceVersion = undefined;
    this.#nudge.abort();
    return listed;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#nudge = new AbortController();
      try {
        if (this.#mustList()) await this.#list();
        else await this.#watch();
      } catch (error) {
        await this.#failed(error);
      }
    }
  }

  #mustList(): boolean {
    return this.#resourceVersion === undefined || this.#options.clock.monotonic() - this.#listStartedAt >= this.#timing.relistMs;
  }

  async #list(): Promise<void> {
    const { clock, source } = this.#options;
    const pause = this.#listStarts < 2 ? 0 : this.#listStartedAt + this.#timing.listGapMs - clock.monotonic();
    if (pause > 0) await sleep(clock, pause, this.#stopping.signal);
    if (this.#stopping.signal.aborted) return;
    const number = (this.#listStarts += 1);
    this.#listStartedAt = clock.monotonic();
    const { items, resourceVersion } = await listPages((from) => source.list(from, this.#stopping.signal));
    // After etcd was restored from an older copy, a version may mean another state of an object than the one known.
    this.#cache.replace(items, { afresh: isBefore(resourceVersion, this.#newestVersion) });
    this.#newestVersion = resourceVersion;
    // Who asked for a list while this one was under way waits for the next.
    this.#resourceVersion = this.#waiters.some(({ afterList }) => afterList > number) ? undefined : resourceVersion;
    this.#listsDone = number;
    this.#heard();
    this.#release();
  }

  async #watch(): Promise<void> {
    const { clock, source } = this.#options;
    const begunAt = clock.monotonic();
    let heard = false;
    let opened = false;
    try {
      await source.watch(
        this.#resourceVersion ?? "",
        {
          opened: () => {
            opened = true;
            this.#watching = true;
            this.#heard();
          },
          event: (type, object) => {
            heard = true;
            this.#heard();
            this.#apply(type, object);
          },
        },
        this.#nudge.signal,
      );
      // Ended by ourselves, it says nothing of the server.
      if (!this.#nudge.signal.aborted) this.#heard();
    } catch (error) {
      this.#broke(error, opened ? clock.monotonic() - begunAt : undefined);
      throw error;
    } finally {
      this.#watching = false;
    }
    if (heard || this.#nudge.signal.aborted || clock.monotonic() - begunAt >= SHORT_WATCH_MS) this.#backoff.reset();
    else throw kubeError(`watch ${this.#options.resource}`, new Error("the watch ended as soon as it began"));
  }

  /** @param workedMs for how long it was open; undefined: it never was. */
  #broke(error: unknown, workedMs: number | undefined): void {
    // The server was away. It may have come back with an older state: a watch from a version still to come would be deaf.
    if (workedMs === undefined) return void (this.#resourceVersion = undefined);
    // A proxy may cut each watch that is quiet: what worked for a while is no reason to wait longer each time.
    if (workedMs >= SHORT_WATCH_MS) this.#backoff.reset();
    // Of a watch with nothing to tell the end is the last word, unless it was given up because there was no word.
    if (!isKubeError(error, "TIMEOUT")) this.#heard();
  }

  #apply(type: WatchEventType, object: unknown): void {
    if (type === "DELETED") this.#cache.delete(object);
    else if (type !== "BOOKMARK") this.#cache.set(object);
    // A refresh that was asked for meanwhile has taken the version away: it must stay away.
    if (this.#resourceVersion === undefined) return;
    this.#resourceVersion = resourceVersionOf(object) ?? this.#resourceVersion;
    this.#newestVersion = this.#resourceVersion;
  }

  async #failed(error: unknown): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const { clock, logger, metrics, resource } = this.#options;
    const failure = kubeError(`follow ${resource}`, error);
    if (isKubeError(failure, "GONE")) this.#resourceVersion = undefined;
    const delayMs = this.#backoff.next();
    metrics.watchFailed(resource, failure.code);
    logger.warn("List or watch failed, it will be started again", { resource, delay_ms: Math.round(delayMs), ...errorFields(failure) });
    // Who asks for a list does not wait for the end of a back-off.
    await sleep(clock, delayMs, AbortSignal.any([this.#stopping.signal, this.#nudge.signal]));
  }

  #heard(): void {
    this.#heardAt = this.#options.clock.monotonic();
  }

  #tell(key: string, object: T | undefined): void {
    for (const listener of this.#listeners) listener(key, object);
  }

  /** A listener whose failure stops nobody. */
  #guarded(listener: (key: string, object: T | undefined) => void): (key: string, object: T | undefined) => void {
    return (key, object) => {
      try {
        listener(key, object);
      } catch (error) {
        this.#options.logger.error("A listener failed", { resource: this.#options.resource, key, ...errorFields(error) });
      }
    };
  }

  #afterList(number: number): Promise<void> {
    if (this.#listsDone >= number || this.#stopping.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ afterList: number, resolve }));
  }

  #release(): void {
    const served = this.#waiters.filter(({ afterList }) => afterList <= this.#listsDone || this.#stopping.signal.aborted);
    this.#waiters = this.#waiters.filter((waiter) => !served.includes(waiter));
    for (const { resolve } of served) resolve();
  }
}

/** Whether one version of the collection is older than another: they are numbers, of any length. */
function isBefore(version: string, other: string): boolean {
  return version.length === other.length ? version < other : version.length < other.length;
}
