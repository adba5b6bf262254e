import type { Position } from "../wire/head.ts";

/** Negative when `a` is before `b`, positive when after, 0 when equal: lexicographic by epoch, then generation. */
export function comparePositions(a: Position, b: Position): number {
  return a.epoch - b.epoch || a.generation - b.generation;
}

/**
 * The epoch that a new writer takes: above every epoch that anybody has seen (in a head, a heartbeat, a
 * ClusterRegistration's status), and never below the wall clock, so that it also rises when all memory was lost.
 */
export function nextEpoch(seen: Iterable<number>, nowMs: number): number {
  let highest = 0;
  for (const epoch of seen) highest = Math.max(highest, epoch);
  return Math.max(Math.floor(nowMs), highest + 1);
}
