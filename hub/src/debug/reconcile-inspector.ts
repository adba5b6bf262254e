import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PerformanceObserver } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import type { Clock } from "@sightline/shared";
import { errorFields, type Logger } from "@sightline/shared/telemetry";
import type { Around, ReconcileEnd, ReconcileRun } from "../kube/types.ts";
import { type ProcessState, profileName, reconcileCost } from "./reconcile-cost.ts";

export interface InspectorOptions {
  /** Every reconcile, not only those that were asked for. */
  always: boolean;
  /** Where the profile of a reconcile that was asked for is written; nowhere when absent. */
  profileDir: string | undefined;
  /** A heap profile of this process, as it is to be written. */
  heap: () => Promise<Uint8Array>;
  clock: Clock;
  logger: Logger;
}

/** Reconciles that were asked for and have not run; whoever asks for more loses the oldest. */
const MAX_ASKED = 100;

/** Stands around each reconcile and tells what it cost: of all, or of those that were asked for. */
export class ReconcileInspector {
  readonly #options: InspectorOptions;
  readonly #asked = new Set<string>();
  readonly #collections = new CollectionCounter();

  constructor(options: InspectorOptions) {
    this.#options = options;
  }

  /** The next reconcile of this key will be looked at, and leave a heap profile. */
  ask(run: ReconcileRun): void {
    const [oldest] = this.#asked;
    if (this.#asked.size >= MAX_ASKED && oldest !== undefined) this.#asked.delete(oldest);
    this.#asked.add(idOf(run));
  }

  close(): void {
    this.#collections.close();
  }

  readonly around: Around = async (run, reconcile) => {
    const asked = this.#asked.delete(idOf(run));
    if (!asked && !this.#options.always) return reconcile();
    const before = this.#state();
    const end = await reconcile();
    await this.#tell(run, { before, asked, end });
    return end;
  };

  async #tell(run: ReconcileRun, { before, asked, end }: { before: ProcessState; asked: boolean; end: ReconcileEnd }): Promise<void> {
    const cost = reconcileCost(before, this.#state(), end);
    const profile = asked ? await this.#writeProfile(run.key) : undefined;
    this.#options.logger.info("Reconciliation debug info", { ...run, ...cost, ...(profile === undefined ? {} : { profile }) });
  }

  /** @returns its path, or undefined when there is none: what helps to look must not make a reconcile fail. */
  async #writeProfile(key: string): Promise<string | undefined> {
    const { profileDir, heap, clock, logger } = this.#options;
    if (profileDir === undefined) return undefined;
    const path = join(profileDir, profileName(key, clock.now()));
    try {
      // A file that is there already may be a link that leads elsewhere: it is left alone.
      await writeFile(path, await heap(), { flag: "wx", mode: 0o600 });
      return path;
    } catch (error) {
      logger.warn("The heap profile of a reconcile could not be written", { path, ...errorFields(error) });
      return undefined;
    }
  }

  #state(): ProcessState {
    return {
      at: this.#options.clock.monotonic(),
      memory: getHeapStatistics().used_heap_size,
      collections: this.#collections.count,
      handles: process.getActiveResourcesInfo().length,
    };
  }
}

function idOf({ controller, key }: ReconcileRun): string {
  return `${controller} ${key}`;
}

class CollectionCounter {
  #count = 0;
  readonly #observer = new PerformanceObserver((list) => void (this.#count += list.getEntries().length));

  constructor() {
    this.#observer.observe({ entryTypes: ["gc"] });
  }

  /** Also what the observer has not been told of yet. */
  get count(): number {
    this.#count += this.#observer.takeRecords().length;
    return this.#count;
  }

  close(): void {
    this.#observer.disconnect();
  }
}
