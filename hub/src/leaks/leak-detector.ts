import { type Clock, sleep } from "@sightline/shared";
import { counter, live, METRICS } from "@sightline/shared/metrics";
import { errorFields, type Logger } from "@sightline/shared/telemetry";
import type { Registry } from "prom-client";
import { isKubeError } from "../kube/errors.ts";
import type { EventNote } from "../kube/events.ts";
import type { LeakConfig } from "./flags.ts";
import { EMPTY_BOOK, LEAK_KINDS, LEAK_RESOURCES, type LeakBook, type LeakResource, leaksIn, nextBook, type Suspect } from "./leak-book.ts";

/** Where leaks of one kind are looked for. */
export interface LeakSource {
  leak: LeakResource;
  /** Everything that looks left over now; undefined while that cannot be said. @throws KubeError */
  look(signal: AbortSignal): Promise<Suspect[] | undefined>;
}

export interface LeakDetectorOptions extends LeakConfig {
  sources: readonly LeakSource[];
  recordEvent: (note: EventNote) => void;
  /** Told all leaks after each look. Must not throw. */
  onLook: (leaks: readonly Suspect[]) => void;
  registry: Registry;
  clock: Clock;
  logger: Logger;
}

/** Looks for what was left behind, and says so. It takes nothing away: what is nobody's might be somebody's after all. */
export class LeakDetector {
  readonly #options: LeakDetectorOptions;
  readonly #found: ReturnType<typeof counter<"resource" | "kind">>;
  /** Why a kind could not be looked at, last time. */
  readonly #obstacles = new Map<LeakResource, string>();
  #book: LeakBook = EMPTY_BOOK;
  /** What the last look could look at. */
  #looked: ReadonlySet<LeakResource> = new Set();

  constructor(options: LeakDetectorOptions) {
    this.#options = options;
    this.#found = counter(options.registry, METRICS.leaksFound);
    for (const leak of LEAK_RESOURCES) this.#found.inc(labelsOf(leak), 0);
    live(options.registry, METRICS.leaks, () => this.#samples());
  }

  /** Looks again and again until the signal aborts. Never throws. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#look(signal);
      await sleep(this.#options.clock, this.#options.intervalMs, signal);
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { sources, clock, ageMs, onLook } = this.#options;
    const looked = new Set<LeakResource>();
    const suspects: Suspect[] = [];
    for (const source of sources) {
      const seen = await this.#lookAt(source, signal);
      if (seen === undefined) continue;
      looked.add(source.leak);
      suspects.push(...seen);
    }
    if (signal.aborted) return;
    const { book, found, gone } = nextBook(this.#book, { looked, suspects }, { now: clock.now(), ageMs });
    this.#book = book;
    this.#looked = looked;
    for (const leak of found) this.#tell(leak);
    for (const { name, leak } of gone) this.#options.logger.info("A leak is gone", { object: name, ...labelsOf(leak) });
    onLook(leaksIn(book));
  }

  /** What stands in the way of one kind is said once, and keeps nobody from looking at the others. */
  async #lookAt(source: LeakSource, signal: AbortSignal): Promise<Suspect[] | undefined> {
    const { leak } = source;
    try {
      const seen = await source.look(signal);
      this.#obstacles.delete(leak);
      return seen;
    } catch (error) {
      const obstacle = isKubeError(error) ? error.code : "UNEXPECTED";
      if (!signal.aborted && this.#obstacles.get(leak) !== obstacle) this.#options.logger.warn("Leaks of a kind cannot be looked for", { ...labelsOf(leak), ...errorFields(error) });
      this.#obstacles.set(leak, obstacle);
      return undefined;
    }
  }

  /** The Event's identity is the leak's: several may be about one object. */
  #tell({ leak, id: identity, name, event }: Suspect): void {
    const { recordEvent, clock, logger } = this.#options;
    this.#found.inc(labelsOf(leak));
    logger.warn("A leak was found", { object: name, ...labelsOf(leak), why: event.message });
    recordEvent({ ...event, at: clock.now(), identity });
  }

  /** Of a kind that could not be looked at nobody knows that there is no leak. What was found before still stands. */
  *#samples(): Iterable<{ labels: { resource: LeakResource; kind: string }; value: number }> {
    const leaks = leaksIn(this.#book);
    for (const resource of LEAK_RESOURCES) {
      const value = leaks.filter(({ leak }) => leak === resource).length;
      if (value > 0 || this.#looked.has(resource)) yield { labels: labelsOf(resource), value };
    }
  }
}

function labelsOf(resource: LeakResource): { resource: LeakResource; kind: string } {
  return { resource, kind: LEAK_KINDS[resource] };
}
