import type { Clock, Timer } from "@sightline/shared";
import { errorFields, type Logger } from "@sightline/shared/telemetry";
import pMap from "p-map";
import type { User } from "../access/authenticate.ts";
import { identityKey, type Usable } from "./usable.ts";
import type { UseRights } from "./use-rights.ts";

export interface RightsBookOptions {
  rights: UseRights;
  clock: Clock;
  random: () => number;
  logger: Logger;
  /** Told the authors (by identityKey) whose rights are other than they were. */
  onChange: (authors: ReadonlySet<string>) => void;
  /** Authors of whom something still runs; others are forgotten. */
  inUse: () => ReadonlySet<string>;
}

/** How old an answer gets at most, give or take a fifth, so that not all are asked for at once. Milliseconds. */
export const REVIEW_EVERY_MS = 3_600_000;
/** How often it is looked who is due. Milliseconds. */
const LOOK_EVERY_MS = 60_000;
/** Authors reviewed at the same time; each may ask for 16 clusters at once. */
const AT_A_TIME = 4;

interface Entry {
  user: User;
  all: boolean;
  /** Clusters that were asked for, and whether they may be used. */
  answers: Map<string, boolean>;
  /** The newest record that asked for a fresh look. */
  since: number;
  dueAt: number;
  asking: Promise<void> | undefined;
}

/**
 * What the authors of all monitors may use, for one term of leading. Ten thousand monitors of one author are one question.
 * Denials are kept too: they end by a change of RBAC, by a new record of that author, or after an hour.
 */
export class RightsBook {
  readonly #options: RightsBookOptions;
  readonly #entries = new Map<string, Entry>();
  #timer: Timer | undefined;
  #reviewing: Promise<void> | undefined;
  #again = false;

  constructor(options: RightsBookOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = this.#options.clock.schedule(LOOK_EVERY_MS, () => void this.#look(), { unref: true });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /**
   * Which of these clusters an author may use.
   * @param recordedAt when the author last asked for a monitor, by the record: what was denied before is asked for again.
   * @throws KubeError, SecurityError RIGHTS_UNKNOWN when nothing is known and the API server does not say.
   */
  async usable(user: User, clusters: readonly string[], recordedAt: number): Promise<Usable> {
    const key = identityKey(user);
    const entry = this.#entries.get(key) ?? newEntry(user);
    this.#entries.set(key, entry);
    while (!isAnswered(entry, clusters, recordedAt)) {
      entry.asking ??= this.#ask(entry, [...new Set([...entry.answers.keys(), ...clusters])], recordedAt).finally(() => (entry.asking = undefined));
      await entry.asking;
    }
    return usableOf(entry);
  }

  /** Asks anew for everybody: something has changed. Resolves when all have been asked for. */
  async reviewAll(): Promise<void> {
    // What changed while others are being asked for is not in all of their answers.
    this.#again = true;
    this.#reviewing ??= this.#reviewUntilQuiet().finally(() => (this.#reviewing = undefined));
    await this.#reviewing;
  }

  async #reviewUntilQuiet(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      await this.#review([...this.#entries.keys()]);
    }
  }

  async #look(): Promise<void> {
    const now = this.#options.clock.monotonic();
    const inUse = this.#options.inUse();
    for (const key of this.#entries.keys()) if (!inUse.has(key)) this.#entries.delete(key);
    this.start();
    await this.#review([...this.#entries].filter(([, { dueAt }]) => dueAt <= now).map(([key]) => key));
  }

  async #review(keys: readonly string[]): Promise<void> {
    const changed = new Set<string>();
    await pMap(keys, async (key) => void ((await this.#reviewOne(key)) && changed.add(key)), { concurrency: AT_A_TIME });
    if (changed.size > 0) this.#options.onChange(changed);
  }

  /** @returns whether anything is other than it was. What cannot be asked for stays, and is asked for at the next look. */
  async #reviewOne(key: string): Promise<boolean> {
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    const before = fingerprint(entry);
    try {
      await entry.asking;
      await this.#ask(entry, [...entry.answers.keys()], entry.since);
    } catch (error) {
      entry.dueAt = 0;
      this.#options.logger.warn("Rights cannot be reviewed now, what runs goes on", { user: entry.user.name, ...errorFields(error) });
    }
    return fingerprint(entry) !== before;
  }

  async #ask(entry: Entry, clusters: readonly string[], since: number): Promise<void> {
    const { rights, clock, random } = this.#options;
    const usable = await rights.usable(entry.user, clusters);
    entry.all = usable === "all";
    entry.answers = new Map(clusters.map((cluster) => [cluster, usable === "all" || usable.has(cluster)]));
    entry.since = Math.max(entry.since, since);
    entry.dueAt = clock.monotonic() + REVIEW_EVERY_MS * (0.8 + 0.4 * random());
  }
}

function newEntry(user: User): Entry {
  return { user, all: false, answers: new Map(), since: Number.NEGATIVE_INFINITY, dueAt: Number.POSITIVE_INFINITY, asking: undefined };
}

function isAnswered({ all, answers, since }: Entry, clusters: readonly string[], recordedAt: number): boolean {
  if (all || clusters.length === 0) return true;
  const known = clusters.every((cluster) => answers.has(cluster));
  return known && (since >= recordedAt || clusters.every((cluster) => answers.get(cluster) === true));
}

function usableOf({ all, answers }: Entry): Usable {
  return all ? "all" : new Set([...answers].filter(([, allowed]) => allowed).map(([cluster]) => cluster));
}

function fingerprint({ all, answers }: Entry): string {
  return JSON.stringify([all, all ? [] : [...answers].filter(([, allowed]) => allowed).map(([cluster]) => cluster).toSorted()]);
}
