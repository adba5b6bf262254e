import { SightlineError } from "@sightline/shared";

/**
 * How a write is guarded against other writers.
 * - `eventual`: server-side apply of the fields that we own. The last writer wins; a later refresh mends it.
 * - `strong`: compare-and-set on resourceVersion. A write from a stale picture is a conflict, and changes nothing.
 * - `linearizable`: a quorum read, and compare-and-set on what it gave. Of several writers one gets through, and all agree
 *   who. (The epoch of the assignments is as strict, by NATS: expected sequences of the heads.)
 */
export type ConsistencyLevel = "eventual" | "strong" | "linearizable";

/** Which write uses which level: the one table of DESIGN 3.8. */
export const WRITE_CONSISTENCY = {
  "monitor-finalizer": "strong",
  "monitor-status-transition": "strong",
  "monitor-status-refresh": "eventual",
  "registration-finalizer": "strong",
  "registration-status-conditions": "strong",
  "registration-status-refresh": "eventual",
  "registration-identity": "linearizable",
  revocations: "linearizable",
  "results-configmap": "eventual",
  "leader-lease": "linearizable",
} as const satisfies Record<string, ConsistencyLevel>;

export type WriteKind = keyof typeof WRITE_CONSISTENCY;

export class ConsistencyError extends SightlineError<"UNKNOWN_CONSISTENCY_LEVEL"> {
  override readonly name = "ConsistencyError";
}

/** @throws ConsistencyError `unknown consistency level: N` */
export function parseConsistencyLevel(text: string): ConsistencyLevel {
  if (text === "eventual" || text === "strong" || text === "linearizable") return text;
  throw new ConsistencyError("UNKNOWN_CONSISTENCY_LEVEL", `unknown consistency level: ${text}`);
}
