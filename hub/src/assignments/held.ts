import { comparePositions, sameSummary } from "@sightline/shared/protocol";
import type { Head } from "@sightline/shared/wire";
import type { HeldSet } from "./types.ts";

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
