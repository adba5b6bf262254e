import { at, textAt } from "../kit/json.ts";
import { monitor, type MonitorManifest } from "../kit/monitor.ts";
import type { KubeClient } from "../sandbox/mod.ts";
import type { Seen } from "./watch.ts";

/** What is known of one monitor by watching it. Milliseconds since the Unix epoch. */
interface Watched {
  createdAt: number;
  firstVerdictAt: number | undefined;
  lastVerdict: string;
  lastCheck: number;
  /** When each version of its status was seen. */
  statusSeenAt: number[];
}

/** How many monitors are created at once. */
const PARALLEL = 16;
const PATH = "apis/monitoring.example.com/v1/namespaces/default/httpmonitors";

/** Many monitors alike, created and then watched. */
export class Fleet {
  readonly #monitors = new Map<string, Watched>();

  /** To be given every event of a watch that began before `create`. */
  readonly see = ({ at: now, type, name, object }: Seen): void => {
    const known = this.#monitors.get(name);
    const status = at(object, "status");
    if (known === undefined || type === "DELETED" || status === undefined) return;
    known.statusSeenAt.push(now);
    known.lastVerdict = textAt(status, "status") ?? "";
    known.lastCheck = Date.parse(textAt(status, "lastCheck") ?? "");
    if (known.lastVerdict !== "Unknown") known.firstVerdictAt ??= now;
  };

  /** Creates the monitors, some at a time. @returns how long it took, in milliseconds. */
  async create(client: KubeClient, count: number, options: { url: (name: string) => string; intervalMs: number; signal: AbortSignal }): Promise<number> {
    const begunAt = Date.now();
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < count) {
        options.signal.throwIfAborted();
        const name = `m-${String((next += 1)).padStart(6, "0")}`;
        await this.#createOne(client, monitor(name, { url: options.url(name), interval: `${options.intervalMs}ms`, timeout: timeoutFor(options.intervalMs) }));
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, () => work()));
    return Date.now() - begunAt;
  }

  async #createOne(client: KubeClient, manifest: MonitorManifest): Promise<void> {
    const watched: Watched = { createdAt: Date.now(), firstVerdictAt: undefined, lastVerdict: "", lastCheck: Number.NaN, statusSeenAt: [] };
    this.#monitors.set(manifest.metadata.name, watched);
    await client.post(`${PATH}?fieldManager=sightline-bench`, manifest);
  }

  get size(): number {
    return this.#monitors.size;
  }

  get withVerdict(): number {
    return [...this.#monitors.values()].filter(({ firstVerdictAt }) => firstVerdictAt !== undefined).length;
  }

  /** Milliseconds from the moment in which each monitor was sent to the API server to its first verdict, of those that have one. */
  firstVerdicts(): number[] {
    return [...this.#monitors.values()].flatMap(({ createdAt, firstVerdictAt }) => (firstVerdictAt === undefined ? [] : [firstVerdictAt - createdAt]));
  }

  /** How many monitors show each verdict. */
  verdicts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { lastVerdict } of this.#monitors.values()) counts.set(lastVerdict, (counts.get(lastVerdict) ?? 0) + 1);
    return counts;
  }

  /** Milliseconds since the lastCheck that each monitor shows. */
  agesOfLastCheck(now: number): number[] {
    return [...this.#monitors.values()].map(({ lastCheck }) => now - lastCheck);
  }

  /** Milliseconds between one status and the next of the same monitor, for those seen in the window; and up to its end for the last one. */
  gaps(from: number, to: number): number[] {
    return [...this.#monitors.values()].flatMap(({ statusSeenAt }) => gapsIn(statusSeenAt, from, to));
  }
}

/** Distances between neighbours, of which the later one lies in the window; and from the last one to the end of the window. */
export function gapsIn(times: readonly number[], from: number, to: number): number[] {
  const known = times.filter((time) => time <= to);
  const closed = known.slice(1).flatMap((time, index) => (time >= from ? [time - (known[index] ?? time)] : []));
  const last = known.at(-1);
  return last === undefined ? [to - from] : [...closed, to - last];
}

/** The default of the contract. */
function timeoutFor(intervalMs: number): string {
  return `${Math.min(5000, intervalMs)}ms`;
}
