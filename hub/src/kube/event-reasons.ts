/**
 * Every reason of a Kubernetes Event that the hub makes, and the Event's type. docs/reference/events.md explains each; a
 * test holds it to this table. Reasons are relied upon: alerts and dashboards select by them.
 */
export const EVENT_REASONS = {
  Healthy: "Normal",
  Degraded: "Warning",
  Unhealthy: "Warning",
  Unknown: "Warning",
  Assigned: "Normal",
  NoClusterMatched: "Warning",
  InvalidPlacement: "Warning",
  TooManyClusters: "Warning",
  NotAuthorized: "Warning",
  PolicyViolation: "Warning",
  AuthorizationLost: "Warning",
  NameTaken: "Warning",
  ClusterSilent: "Warning",
  ClusterAvailable: "Normal",
  AgentReplaced: "Warning",
  Orphaned: "Warning",
  OrphanedAssignment: "Warning",
  StuckFinalizer: "Warning",
} as const satisfies Record<string, "Normal" | "Warning">;

export type EventReason = keyof typeof EVENT_REASONS;

/** Whether a condition's reason is one that an Event tells, too. */
export function isEventReason(reason: string): reason is EventReason {
  return Object.hasOwn(EVENT_REASONS, reason);
}
