/** The messages of the reconcile path, which operators search for (CONTRACT 6). Data goes in fields, never in here. */
export const MESSAGES = {
  notFound: "HTTPMonitor resource not found, assuming it was deleted",
  securityFailed: "Security validation failed",
  selectionFailed: "Failed to select target clusters",
  /** {cluster} */
  checkFailed: "HTTP check failed",
  statusFailed: "Failed to update status",
  configMapFailed: "Failed to create results ConfigMap",
  /** {clusters, next_check} */
  completed: "HTTPMonitor reconciliation completed",
  cleaningUp: "Cleaning up HTTPMonitor resources",
  configMapCleanupFailed: "Failed to delete results ConfigMap",
  clusterCleanupFailed: "Failed to cleanup cluster resources",
  cleanupCompleted: "HTTPMonitor cleanup completed",
} as const;
