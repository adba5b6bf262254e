import { SightlineError } from "@sightline/shared";
import type { HeldSet, MonitorChange } from "@sightline/shared/protocol";
import type { Position, SealedHeader } from "@sightline/shared/wire";

export type { HeldSet, MonitorChange } from "@sightline/shared/protocol";

/** What stands once a change has been applied. */
export interface Applied {
  /** For each wanted cluster the head under which its assignment stands. */
  positions: ReadonlyMap<string, Position>;
  /** Whether any of the monitor's assignments had to be written or withdrawn: most stand already when a hub begins to lead. */
  wrote: boolean;
}

/** Brings assignments into force, for all clusters of a monitor or for none. */
export interface AssignmentWriter {
  /**
   * Makes the stored assignments of one monitor the wanted ones.
   * @throws AssignmentError
   */
  apply(change: MonitorChange): Promise<Applied>;
  /** Writes a cluster's head anew, with its present settings. @throws AssignmentError */
  refreshHead(cluster: string): Promise<void>;
  /** Clusters that hold an assignment of the monitor, by what is stored. Means nothing before `ready`. */
  clustersOf(uid: string): ReadonlySet<string>;
  /** The sealed headers of a cluster's assignment of the monitor, by what is stored; none where it has none. Means nothing before `ready`. */
  sealedHeaders(cluster: string, uid: string): readonly SealedHeader[];
  /** UIDs of all monitors that are assigned anywhere, by what is stored. Means nothing before `ready`. */
  monitors(): string[];
  /** How many monitors are assigned to the cluster, and its head, by what is stored. */
  clusterState(cluster: string): { assigned: number; head: Position | undefined };
  /** Withdraws all assignments of a cluster that is no longer registered. @throws AssignmentError */
  removeCluster(cluster: string): Promise<void>;
  /** Takes in what an agent says that it holds, and repairs the head when it contradicts that. Never throws. */
  repairHeld(cluster: string, held: HeldSet): void;
  /** Makes or mends the consumer of one agent replica. @throws AssignmentError */
  ensureConsumer(cluster: string, ordinal: number): Promise<void>;
  /** Removes the consumer of one agent replica. @throws AssignmentError */
  removeConsumer(cluster: string, ordinal: number): Promise<void>;
  /** Whether the stored assignments were read, an epoch was taken, and nobody has taken over. */
  readonly ready: boolean;
}

export type AssignmentErrorCode =
  /** The change is more than one transaction holds. Nothing changed; what ran goes on. */
  | "TOO_MANY_CLUSTERS"
  /** Another writer has taken over: this one never writes again. */
  | "WRITER_FENCED"
  /** This replica does not lead (any more): nothing was written. */
  | "NOT_LEADING"
  /** NATS does not answer, refuses, or was not read yet. Nothing, or all, may stand: the next try finds out. */
  | "NATS_UNAVAILABLE";

/** Why a change was not brought into force. Documented in docs/reference/errors.md. */
export class AssignmentError extends SightlineError<AssignmentErrorCode> {
  override readonly name = "AssignmentError";

  constructor(code: AssignmentErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(code, message, { ...options, retryable: code !== "TOO_MANY_CLUSTERS" });
  }
}
