import { isDeepStrictEqual } from "node:util";
import type { Clock, Timer } from "@sightline/shared";
import { TokenBucket } from "../kube/rate-limit.ts";
import { keyOfObject, type Reading, type SecretObject } from "./sources.ts";

export interface SecretBookOptions {
  /** Never rejects. */
  read: (object: SecretObject) => Promise<Reading>;
  clock: Clock;
  random: () => number;
  /** How long after a read an object is read again. Milliseconds. */
  refreshMs: number;
  /** These monitors' objects brought something else than before, or were read for the first time. */
  onChange: (uids: ReadonlySet<string>) => void;
}

interface Entry {
  object: SecretObject;
  /** UIDs of the monitors that use it. */
  readonly users: Set<string>;
  /** Undefined before the first read. */
  reading: Reading | undefined;
  timer: Timer | undefined;
}

/** Reads at the same time. */
const CONCURRENCY = 16;
/** Repeated reads per second, over all objects: with very many of them a round takes longer than asked for. */
const REFRESHES_PER_SECOND = 50;

/** What the objects that monitors use hold now, as last read. Values are in memory only, and only while a monitor uses them. */
export class SecretBook {
  readonly #options: SecretBookOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #uses = new Map<string, ReadonlySet<string>>();
  readonly #waiting: Entry[] = [];
  readonly #pace: TokenBucket;
  #running = 0;
  #stopped = false;

  constructor(options: SecretBookOptions) {
    this.#options = options;
    this.#pace = new TokenBucket(REFRESHES_PER_SECOND, REFRESHES_PER_SECOND, options.clock.monotonic());
  }

  /** Notes which objects a monitor uses now. New ones are read at once. */
  use(uid: string, objects: readonly SecretObject[]): void {
    const wanted = new Map(objects.map((object) => [keyOfObject(object), object]));
    for (const key of this.#uses.get(uid) ?? []) if (!wanted.has(key)) this.#leave(uid, key);
    if (wanted.size === 0) this.#uses.delete(uid);
    else this.#uses.set(uid, new Set(wanted.keys()));
    for (const [key, object] of wanted) this.#join(uid, key, object);
  }

  forget(uid: string): void {
    this.use(uid, []);
  }

  /** The last reading of an object that is in use; undefined before the first. */
  reading(object: SecretObject): Reading | undefined {
    return this.#entries.get(keyOfObject(object))?.reading;
  }

  /** Objects in use. */
  get size(): number {
    return this.#entries.size;
  }

  stop(): void {
    this.#stopped = true;
    for (const { timer } of this.#entries.values()) timer?.cancel();
    this.#entries.clear();
    this.#waiting.length = 0;
  }

  #join(uid: string, key: string, object: SecretObject): void {
    const known = this.#entries.get(key);
    if (known !== undefined) return void known.users.add(uid);
    const entry: Entry = { object, users: new Set([uid]), reading: undefined, timer: undefined };
    this.#entries.set(key, entry);
    // Before what is only read again: somebody waits for it.
    this.#waiting.unshift(entry);
    this.#pump();
  }

  #leave(uid: string, key: string): void {
    const entry = this.#entries.get(key);
    entry?.users.delete(uid);
    if (entry === undefined || entry.users.size > 0) return;
    entry.timer?.cancel();
    this.#entries.delete(key);
  }

  #pump(): void {
    while (!this.#stopped && this.#running < CONCURRENCY) {
      const entry = this.#waiting.shift();
      if (entry === undefined) return;
      if (this.#isCurrent(entry)) void this.#read(entry);
    }
  }

  async #read(entry: Entry): Promise<void> {
    this.#running += 1;
    const reading = await this.#options.read(entry.object);
    this.#running -= 1;
    if (!this.#stopped && this.#isCurrent(entry)) this.#take(entry, reading);
    this.#pump();
  }

  #take(entry: Entry, reading: Reading): void {
    const changed = !isDeepStrictEqual(entry.reading, reading);
    entry.reading = reading;
    this.#again(entry);
    if (changed) this.#options.onChange(new Set(entry.users));
  }

  /** Not all at one moment, and never more in a second than the pace allows. */
  #again(entry: Entry): void {
    const { clock, random, refreshMs } = this.#options;
    const spread = refreshMs * (0.8 + random() * 0.2);
    entry.timer = clock.schedule(
      spread + this.#pace.reserve(clock.monotonic()),
      () => {
        this.#waiting.push(entry);
        this.#pump();
      },
      { unref: true },
    );
  }

  #isCurrent(entry: Entry): boolean {
    return this.#entries.get(keyOfObject(entry.object)) === entry;
  }
}
