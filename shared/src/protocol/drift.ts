import type { AssignmentMirror } from "./mirror.ts";
import { comparePositions } from "./position.ts";

/** A cluster's assignment that is not what the writer last knew it to be. */
export interface Drift {
  uid: string;
  cluster: string;
}

/** What a new reading of the stream shows that the writer did not write: other, missing and surplus assignments. */
export function driftBetween(before: AssignmentMirror, after: AssignmentMirror): Drift[] {
  const drifts: Drift[] = [];
  for (const cluster of new Set([...before.clusters(), ...after.clusters()])) {
    const old = before.cluster(cluster).assignments;
    const now = after.cluster(cluster).assignments;
    for (const uid of new Set([...old.keys(), ...now.keys()])) {
      if (old.get(uid)?.content !== now.get(uid)?.content || old.get(uid)?.share !== now.get(uid)?.share) drifts.push({ uid, cluster });
    }
  }
  return drifts;
}

/**
 * Whether the store forgot what it had: a cluster's head is missing, or older than it was. Then its agents may hold
 * newer sets than what is stored, and order can only go on under a new epoch.
 */
export function hasLostHeads(before: AssignmentMirror, after: AssignmentMirror): boolean {
  return before.clusters().some((cluster) => {
    const old = before.cluster(cluster).head;
    const now = after.cluster(cluster).head;
    // The head of a cluster without assignments may be a farewell, which the server forgets when its time is up.
    if (old === undefined || (old.count === 0 && now === undefined)) return false;
    return now === undefined || comparePositions(now, old) < 0;
  });
}
