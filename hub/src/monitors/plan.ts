import type { ConditionState } from "@sightline/shared/api";
import type { Check, Position } from "@sightline/shared/wire";
import type { Thresholds } from "./thresholds.ts";

/**
 * What the hub has decided for one monitor and brought into force. Written by the httpmonitor controller after its
 * transaction; read by ingest (which results count), the status controller (what the verdict is over), and metrics.
 */
export interface MonitorPlan {
  uid: string;
  namespace: string;
  name: string;
  /** metadata.generation that the plan is for. */
  generation: number;
  /** Hash of the placement annotations that the plan is for. */
  placementHash: string;
  check: Check;
  checkHash: string;
  thresholds: Thresholds;
  suspend: boolean;
  /** The assigned clusters (A), each with the hub's time since when this check runs there unsuspended. */
  clusters: ReadonlyMap<string, AssignedCluster>;
  /** The `Assigned` condition. */
  assigned: ConditionState<"Assigned">;
  /** The `SecretsResolved` condition. */
  secrets: ConditionState<"SecretsResolved">;
}

export interface AssignedCluster {
  /** Hub's clock, milliseconds: when this check (hash) was given to this cluster, or resumed there. Ages count from here at the earliest. */
  since: number;
  /** The head under which the assignment stands: acknowledged once the agent holds this position or a later one. */
  position: Position;
}
