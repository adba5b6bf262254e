import { type AssignmentMirror, type BatchPlan, type MonitorChange, sameSummary } from "@sightline/shared/protocol";
import { parseAssignmentSubject, type Position } from "@sightline/shared/wire";

/**
 * Under which head each assignment came into force. Other monitors' changes move a cluster's head on; an assignment
 * that was there before stays acknowledged meanwhile.
 */
export class PositionBook {
  readonly #positions = new Map<string, Map<string, Position>>();
  readonly #loadedHeads = new Map<string, Position>();

  /** Notes the heads found at start: what they sum up needs no newer one. */
  loaded(mirror: AssignmentMirror): void {
    for (const cluster of mirror.clusters()) {
      const { head, digest } = mirror.cluster(cluster);
      if (head !== undefined && sameSummary(head, digest.summary)) this.#loadedHeads.set(cluster, head);
    }
  }

  /** Notes what a commit brought into force. `next` tells the head of a cluster whose head was held back. */
  committed(plan: BatchPlan, next: (cluster: string) => Position): void {
    for (const { subject, payload } of plan.messages) {
      const key = parseAssignmentSubject(subject);
      if (key?.kind !== "assignment") continue;
      if (payload === null) this.#forget(key.uid, key.cluster);
      else this.#of(key.uid).set(key.cluster, positionOf(plan.heads.get(key.cluster) ?? next(key.cluster)));
    }
  }

  /** The head of each wanted cluster's assignment. */
  of(change: MonitorChange, mirror: AssignmentMirror): Map<string, Position> {
    const positions = new Map<string, Position>();
    for (const cluster of change.wanted.keys()) {
      const known = this.#positions.get(change.uid)?.get(cluster) ?? this.#loadedHeads.get(cluster) ?? mirror.cluster(cluster).head;
      if (known !== undefined) positions.set(cluster, positionOf(known));
    }
    return positions;
  }

  #of(uid: string): Map<string, Position> {
    const known = this.#positions.get(uid) ?? new Map<string, Position>();
    this.#positions.set(uid, known);
    return known;
  }

  #forget(uid: string, cluster: string): void {
    const known = this.#positions.get(uid);
    known?.delete(cluster);
    if (known?.size === 0) this.#positions.delete(uid);
  }
}

function positionOf({ epoch, generation }: Position): Position {
  return { epoch, generation };
}
