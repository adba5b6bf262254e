import { setTimeout as delay } from "node:timers/promises";
import { storedAssignments } from "../../kit/assignment-log.ts";
import { sum } from "../../kit/metrics.ts";
import type { Stage } from "../../kit/sandbox.ts";
import { agentOf } from "../../kit/stores.ts";
import { waitUntil } from "../../kit/wait.ts";

export const CLUSTERS = ["eu-1", "us-1", "ap-1"] as const;

/** How soon assignments are right again whatever was lost. */
export const PROMISE_MS = 30_000;

/** Why the assignments are not what the monitors ask for; undefined when they are, and every agent runs them. */
export async function wrongAbout(stage: Stage): Promise<string | undefined> {
  const wanted = (await stage.api.monitors()).map(({ metadata }) => metadata.uid).toSorted();
  const stored = await storedAssignments(stage.sandbox);
  for (const cluster of CLUSTERS) {
    const set = stored.get(cluster);
    if (set?.head === undefined || !set.whole) return `${cluster}: head and assignments do not add up`;
    if ([...set.uids].toSorted().join() !== wanted.join()) return `${cluster}: ${set.uids.size} assignments for ${wanted.length} monitors`;
    const held = await heldBy(stage, cluster);
    if (held.epoch !== set.head.epoch || held.generation !== set.head.generation || held.assignments !== wanted.length) {
      return `${cluster}: the agent holds ${JSON.stringify(held)}, the head is ${set.head.epoch}/${set.head.generation}`;
    }
  }
  return undefined;
}

export interface Held {
  epoch: number;
  generation: number;
  assignments: number;
}

export async function heldBy(stage: Stage, cluster: string): Promise<Held> {
  const samples = await stage.agentMetrics(cluster);
  const one = (name: string): number => sum(samples, `sightline_agent_held_${name}`);
  return { epoch: one("epoch"), generation: one("generation"), assignments: one("assignments") };
}

/** Waits until the assignments are right. @returns how long it took, in milliseconds. */
export async function untilRight(stage: Stage): Promise<number> {
  const begunAt = performance.now();
  let wrong: string | undefined;
  try {
    await waitUntil({ what: "the assignments to be right", timeoutMs: 2 * PROMISE_MS, everyMs: 100 }, async () => {
      wrong = "they cannot be read";
      wrong = await wrongAbout(stage);
      return wrong === undefined;
    });
  } catch (cause) {
    throw new Error(`the assignments did not become right: ${wrong}`, { cause });
  }
  return performance.now() - begunAt;
}

/** Looks all the time at how many assignments each agent holds. */
export class HeldWatch {
  readonly #stage: Stage;
  readonly #least = new Map<string, number>();
  #ending = false;
  readonly #watching: Promise<void>;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#watching = this.#watch();
  }

  /** The least that each agent held, by cluster; an agent that did not run, or has just been started, holds nothing to look at. */
  async end(): Promise<Map<string, number>> {
    this.#ending = true;
    await this.#watching;
    return this.#least;
  }

  async #watch(): Promise<void> {
    while (!this.#ending) {
      await Promise.all(CLUSTERS.map((cluster) => this.#look(cluster)));
      await delay(50);
    }
  }

  async #look(cluster: string): Promise<void> {
    try {
      const { assignments } = await heldBy(this.#stage, cluster);
      this.#least.set(cluster, Math.min(this.#least.get(cluster) ?? Number.POSITIVE_INFINITY, assignments));
    } catch {
      // The agent is not there to be asked.
    }
  }
}

/** Starts an agent whose disk was lost. */
export async function restartAgent(stage: Stage, cluster: string): Promise<void> {
  await stage.sandbox.restart(agentOf(stage.sandbox, cluster).name);
}
