/** What the hub knows about one cluster's agent right now. */
export interface ClusterLiveness {
  /** False once the cluster has been silent for longer than interval + grace while the hub could hear. */
  available: boolean;
  /** Hub's clock, milliseconds; undefined before the first heartbeat. */
  lastHeartbeatAt: number | undefined;
  /** Agent's clock minus hub's clock in milliseconds, from the last heartbeat; 0 before. */
  clockOffsetMs: number;
  /** The offset for which what it says now is not believed. Absent while it is. */
  skewedByMs?: number;
}

/** Read side of cluster liveness, for verdicts and metrics. */
export interface LivenessView {
  /** Of a cluster that is not registered: undefined. */
  get(cluster: string): ClusterLiveness | undefined;
}
