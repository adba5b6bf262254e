import { isDeepStrictEqual } from "node:util";
import type { ClusterRegistrationStatus, Condition } from "@sightline/shared/api";

/** What a difference between two statuses is worth. */
export type Difference =
  | "none"
  /** Time went on, or numbers that nobody waits for: within a minute. */
  | "refresh"
  /** What is assigned or acknowledged: somebody may be waiting for it. */
  | "sync"
  /** A condition: at once. */
  | "conditions";

/** Least milliseconds between the last write and the next, for each kind of difference. */
const GAPS: Record<Difference, number> = { none: 0, conditions: 0, sync: 5000, refresh: 60_000 };

/** Whether to write now, or when; `undefined` when there is nothing to write. */
export type WritePlan = { difference: Exclude<Difference, "none">; inMs: number } | undefined;

/** When a status may be written, so that a fleet of heartbeats stays cheap. `lastWriteAt`: hub's clock, milliseconds. */
export function planWrite(before: ClusterRegistrationStatus | undefined, wanted: ClusterRegistrationStatus, lastWriteAt: number | undefined, now: number): WritePlan {
  const difference = differenceOf(ours(before ?? {}, wanted), wanted);
  if (difference === "none") return undefined;
  return { difference, inMs: Math.max(0, (lastWriteAt ?? -Infinity) + GAPS[difference] - now) };
}

export function differenceOf(before: ClusterRegistrationStatus, wanted: ClusterRegistrationStatus): Difference {
  if (!isDeepStrictEqual(said(before.conditions), said(wanted.conditions))) return "conditions";
  if (!isDeepStrictEqual(sync(before), sync(wanted))) return "sync";
  return isDeepStrictEqual(before, wanted) ? "none" : "refresh";
}

/** The status without conditions that others wrote. */
function ours(before: ClusterRegistrationStatus, wanted: ClusterRegistrationStatus): ClusterRegistrationStatus {
  if (before.conditions === undefined) return before;
  const types = new Set(wanted.conditions?.map(({ type }) => type));
  return { ...before, conditions: before.conditions.filter(({ type }) => types.has(type)) };
}

/** What conditions say; wording may change without haste. That of Accepted names the key that somebody is about to compare. */
function said(conditions: readonly Condition[] | undefined): Record<string, string> {
  return Object.fromEntries((conditions ?? []).map(({ type, status, reason, message, observedGeneration }) => [type, `${status} ${reason} ${observedGeneration ?? 0} ${type === "Accepted" ? message : ""}`]));
}

function sync({ assignedMonitors, assignedEpoch, assignedGeneration, acknowledgedEpoch, acknowledgedGeneration, agentVersion }: ClusterRegistrationStatus): unknown[] {
  return [assignedMonitors, assignedEpoch, assignedGeneration, acknowledgedEpoch, acknowledgedGeneration, agentVersion];
}
