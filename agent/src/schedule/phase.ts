import { createHash } from "node:crypto";

/**
 * When a check is due. Pure: all times are milliseconds since the Unix epoch, all results whole milliseconds.
 *
 * A check's due times are the points of a fixed grid on the wall clock, `k * interval + phase`. So they cannot drift,
 * a restarted agent finds the same ones again, and the checks of a cluster are spread over their interval.
 */
export interface Grid {
  intervalMs: number;
  /** In [0, intervalMs). */
  phaseMs: number;
}

/** The grid of one check in one cluster: the phase is a hash, so that neither clusters nor checks fire in step. */
export function gridOf(cluster: string, uid: string, intervalMs: number): Grid {
  const spread = createHash("sha256").update(cluster).update("\0").update(uid).digest().readUIntBE(0, 6) / 2 ** 48;
  return { intervalMs, phaseMs: Math.floor(spread * intervalMs) };
}

/** The first grid point at or after `ms`. */
export function gridPointFrom(grid: Grid, ms: number): number {
  return grid.phaseMs + Math.ceil((ms - grid.phaseMs) / grid.intervalMs) * grid.intervalMs;
}

/** The grid point that follows a probe made off the grid at `ms`: the first one at least half an interval later. */
export function gridPointAfterFirst(grid: Grid, ms: number): number {
  return gridPointFrom(grid, ms + grid.intervalMs / 2);
}

/** Small bursts are not stretched: one probe per tick of the wheel. */
const BURST_STEP_MS = 10;
const LONGEST_BURST_MS = 5000;

/**
 * Delays that pace the first probes of checks which are new or changed together: evenly, each below
 * min(its interval, 5 s), the first at once.
 */
export function burstDelays(intervalsMs: readonly number[]): number[] {
  return intervalsMs.map((intervalMs, index) => {
    const step = Math.min(BURST_STEP_MS, Math.min(intervalMs, LONGEST_BURST_MS) / intervalsMs.length);
    return Math.floor(index * step);
  });
}

const LONGEST_REQUEST_GAP_MS = 10_000;

/**
 * How far apart the probes are that a check is asked for. Who may annotate a monitor may ask as often as they like, and must
 * not make of it a probe of every cluster for each time that they do.
 */
export function requestGap(intervalMs: number): number {
  return Math.min(intervalMs, LONGEST_REQUEST_GAP_MS);
}
