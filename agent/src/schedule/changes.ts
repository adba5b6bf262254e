import type { RunnableCheck } from "../assignments/read-set.ts";

/** What a switch from one complete set to the next means for the schedule. */
export interface ScheduleChanges {
  /** UIDs that are no longer probed: withdrawn, or suspended. */
  stopped: string[];
  /** New, changed or resumed: probed at once. */
  started: RunnableCheck[];
  /** The same check as before: its phases go on. */
  kept: RunnableCheck[];
  /** Those of `kept` for which a probe is asked for now. */
  requested: RunnableCheck[];
}

/** Compares two sets of checks by identity (uid and check hash). Pure. */
export function scheduleChanges(before: ReadonlyMap<string, RunnableCheck>, after: ReadonlyMap<string, RunnableCheck>): ScheduleChanges {
  const changes: ScheduleChanges = { stopped: [], started: [], kept: [], requested: [] };
  for (const [uid, check] of before) {
    if (isProbed(check) && !isProbed(after.get(uid))) changes.stopped.push(uid);
  }
  for (const [uid, check] of after) {
    if (!isProbed(check)) continue;
    const previous = before.get(uid);
    const same = isProbed(previous) && previous?.assignment.checkHash === check.assignment.checkHash;
    (same ? changes.kept : changes.started).push(check);
  }
  changes.requested = changes.kept.filter((check) => isRequested(before.get(check.assignment.uid), check));
  return changes;
}

/** Each new value is one request; that it was taken away is none. */
function isRequested(previous: RunnableCheck | undefined, { assignment: { probeRequestedAt } }: RunnableCheck): boolean {
  return probeRequestedAt !== undefined && probeRequestedAt !== previous?.assignment.probeRequestedAt;
}

function isProbed(check: RunnableCheck | undefined): boolean {
  return check !== undefined && !check.assignment.suspend;
}
