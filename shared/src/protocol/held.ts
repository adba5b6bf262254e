import type { Head, Position, SetSummary } from "../wire/head.ts";
import { comparePositions } from "./position.ts";
import { sameSummary } from "./set-digest.ts";

/** What an agent says that it holds; null before its first complete set. */
export type HeldSet = (Position & SetSummary) | null;

export type HeldRepair =
  | { kind: "none" }
  /** The head must be written anew. */
  | { kind: "rewrite" }
  /** The head must be written anew under an epoch above this one: the agent holds something newer than what is stored. */
  | { kind: "rewrite-above"; epoch: number };

/**
 * What to do about what an agent holds. An agent that is behind is only slow: it will catch up, and rewriting would
 * chase it. One that is ahead, or has another set under the same position, never catches up by itself.
 */
export function repairFor(held: HeldSet, stored: Head | undefined, nowMs: number): HeldRepair {
  if (held === null || !isPlausible(held.epoch, nowMs)) return { kind: "none" };
  const order = stored === undefined ? 1 : comparePositions(held, stored);
  if (order > 0) return { kind: "rewrite-above", epoch: held.epoch };
  if (order === 0 && stored !== undefined && !sameSummary(held, stored)) return { kind: "rewrite" };
  return { kind: "none" };
}

const TEN_YEARS_MS = 10 * 365 * 86_400_000;

/** Epochs follow the wall clock. A claim far beyond it would use up the numbers that all clusters share. */
export function isPlausible(epoch: number, nowMs: number): boolean {
  return epoch <= nowMs + TEN_YEARS_MS;
}

/** So many heartbeats in a row that say the same, behind the same head, are not slowness. */
const STALLED_AFTER = 3;

/**
 * Notices agents whose consumer delivers nothing any more. A consumer that stands past the end of a stream that was
 * rolled back skips what is written next, and its agent, whole and in sync with what was lost, has no reason to ask
 * again: only the hub can know, and sets the consumer back. Pure: counts heartbeats, not time.
 */
export class StallWatch {
  readonly #seen = new Map<string, { what: string; times: number }>();

  /** Takes a heartbeat in. @returns whether the cluster's consumer should be set back to the first message now. */
  observe(cluster: string, held: HeldSet, stored: Head | undefined): boolean {
    if (held === null || stored === undefined || comparePositions(held, stored) >= 0) {
      this.#seen.delete(cluster);
      return false;
    }
    const what = [held.epoch, held.generation, stored.epoch, stored.generation].join(" ");
    const before = this.#seen.get(cluster);
    const times = before?.what === what ? before.times + 1 : 1;
    this.#seen.set(cluster, { what, times: times % STALLED_AFTER });
    return times === STALLED_AFTER;
  }
}
