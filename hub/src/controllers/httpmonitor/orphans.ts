import { type Clock, messageOf, sleep, untilAborted } from "@sightline/shared";
import { errorFields, type Logger } from "@sightline/shared/telemetry";
import type { AssignmentWriter } from "../../assignments/types.ts";

/** What is known of the monitors that exist. */
export interface ExistingMonitors {
  readonly synced: boolean;
  /** Also of those that cannot be read: they exist, and what they run goes on. */
  uids(): Set<string>;
  /** Resolves after a list that was begun after this call. */
  refresh(): Promise<void>;
}

export interface OrphanSweepOptions {
  monitors: ExistingMonitors;
  assignments: Pick<AssignmentWriter, "ready" | "monitors">;
  withdraw: (uid: string) => Promise<void>;
  clock: Clock;
  logger: Logger;
  /** Milliseconds between two sweeps. */
  everyMs: number;
}

/** How long to wait for both sides to be read. Milliseconds. */
const NOT_READY_MS = 500;

/** UIDs that are assigned somewhere though no such monitor exists. */
export function orphansOf(assigned: readonly string[], existing: ReadonlySet<string>): string[] {
  return assigned.filter((uid) => !existing.has(uid));
}

/** Withdraws what is assigned though its monitor is gone, until the signal aborts. Never throws. */
export async function sweepOrphans(options: OrphanSweepOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const ready = options.monitors.synced && options.assignments.ready;
    if (ready) await sweepOnce(options, signal);
    await sleep(options.clock, ready ? options.everyMs : NOT_READY_MS, signal);
  }
}

/**
 * One sweep. Suspicion comes from a picture that may be old; a UID is an orphan only when a list begun after it was seen
 * assigned does not hold it. UIDs never come back, so that is proof.
 */
export async function sweepOnce({ monitors, assignments, withdraw, logger }: OrphanSweepOptions, signal: AbortSignal): Promise<void> {
  const suspects = orphansOf(assignments.monitors(), monitors.uids());
  if (suspects.length === 0) return;
  // The lister lives on when this sweep ends: its next list may be long in coming.
  await Promise.race([monitors.refresh(), untilAborted(signal)]);
  if (signal.aborted || !monitors.synced || !assignments.ready) return;
  const orphans = orphansOf(suspects, monitors.uids());
  if (orphans.length === 0) return;
  const failures: unknown[] = [];
  for (const uid of orphans) {
    try {
      await withdraw(uid);
    } catch (error) {
      failures.push(error);
    }
  }
  logger.warn("Assignments without a monitor were withdrawn", { found: orphans.length, withdrawn: orphans.length - failures.length });
  if (failures[0] !== undefined) logger.error("Some assignments without a monitor could not be withdrawn", { ...errorFields(failures[0]), first: messageOf(failures[0]) });
}
