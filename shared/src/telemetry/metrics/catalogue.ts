/**
 * Every metric of ours: the one place where a name, a type or a label is written down. Users rely on all three.
 * What the library adds about process and runtime stands in node-metrics.ts.
 */
import { NODE_METRICS } from "./node-metrics.ts";
import type { MetricSpec, Process } from "./spec.ts";

const CLUSTER = ["cluster", "region"] as const;
const PAIR = ["namespace", "monitor", "cluster", "region"] as const;

/** Served by the hub alone. */
const HUB = {
  // Controllers.
  reconciles: { name: "controller_reconcile_total", type: "counter", per: "namespace", labels: ["controller", "result", "namespace"], help: "Reconciles by how they ended." },
  reconcileDuration: {
    name: "controller_reconcile_duration_seconds",
    type: "histogram",
    per: "namespace",
    labels: ["controller", "namespace"],
    help: "Time of one reconcile.",
    /** 1 ms, doubling, ten of them. */
    buckets: Array.from({ length: 10 }, (_, power) => 0.001 * 2 ** power),
  },
  reconcileErrors: { name: "controller_reconcile_errors_total", type: "counter", per: "namespace", labels: ["controller", "error_type", "namespace"], help: "Reconciles that failed, by the code of the error." },
  queueDepth: { name: "controller_queue_depth", type: "gauge", per: "controller", labels: ["controller"], help: "Keys that wait to be reconciled." },
  leaderElectionStatus: { name: "controller_leader_election_status", type: "gauge", per: "controller", labels: ["controller"], help: "1 where this replica runs the controller." },
  resourceCacheSize: { name: "controller_resource_cache_size", type: "gauge", per: "controller", labels: ["controller", "resource_type"], help: "Objects in the controller's cache." },
  unreadableObjects: { name: "sightline_unreadable_objects_total", type: "counter", per: "resource", labels: ["resource_type"], help: "Objects that came by list or watch and could not be parsed." },
  watchFailures: { name: "sightline_watch_failures_total", type: "counter", per: "resource", labels: ["resource_type", "reason"], help: "Lists and watches that failed, by the code of the error." },

  // Monitors.
  monitorStatus: { name: "httpmonitor_status", type: "gauge", per: "monitor", labels: ["namespace", "monitor", "status"], help: "1 for the verdict that a monitor shows now, 0 for the others." },
  monitorClusters: { name: "httpmonitor_clusters", type: "gauge", per: "monitor", labels: ["namespace", "monitor", "state"], help: "Assigned clusters of a monitor by their state." },
  monitorClustersSilent: { name: "httpmonitor_clusters_silent", type: "gauge", per: "monitor", labels: ["namespace", "monitor"], help: "Clusters whose result is missing because they are silent." },
  monitorSuspended: { name: "httpmonitor_suspended", type: "gauge", per: "monitor", labels: ["namespace", "monitor"], help: "1 while a monitor is suspended: its status and counts are frozen." },
  transitions: { name: "httpmonitor_transitions_total", type: "counter", per: "process", labels: ["status"], help: "Changes of a verdict, by the verdict that was reached. The first verdict of a new monitor, or after no cluster was assigned, is none." },
  pairSeriesLimited: { name: "sightline_pair_series_limited", type: "gauge", per: "process", labels: [], help: "1 while the hub leaves out the series per monitor and cluster, since there are more pairs than the limit." },

  // Statuses.
  statusRefresh: { name: "sightline_status_refresh_seconds", type: "gauge", per: "process", labels: [], help: "Least time between two refreshes of a status: monitors through budget. A longer interval of a monitor comes first." },
  statusWrites: { name: "sightline_status_writes_total", type: "counter", per: "process", labels: ["reason"], help: "Writes of statuses, by why they were written." },
  statusWritesWaiting: { name: "sightline_status_writes_waiting", type: "gauge", per: "process", labels: ["reason"], help: "Statuses that wait for the budget, by why they are to be written." },
  statusWriteBudget: { name: "sightline_status_write_budget", type: "gauge", per: "process", labels: ["kind"], help: "Writes of statuses that are allowed in a second." },

  // Clusters.
  clusterInfo: { name: "sightline_cluster_info", type: "gauge", per: "cluster", labels: ["cluster", "region", "environment", "agent_version"], help: "1 for each registered cluster, with what is known of it." },
  clusterAvailable: { name: "sightline_cluster_available", type: "gauge", per: "cluster", labels: CLUSTER, help: "1 where the cluster's agent reports, 0 where it is silent or never reported. After a hub's start as its condition Available says." },
  clusterLastHeartbeat: { name: "sightline_cluster_last_heartbeat_timestamp_seconds", type: "gauge", per: "cluster", labels: CLUSTER, help: "When the cluster's last heartbeat came, in seconds since the Unix epoch." },
  clusterClockOffset: { name: "sightline_cluster_clock_offset_seconds", type: "gauge", per: "cluster", labels: CLUSTER, help: "How far the agent's clock is ahead of the hub's." },
  clusterProbesPerSecond: { name: "sightline_cluster_probes_per_second", type: "gauge", per: "cluster", labels: CLUSTER, help: "Probes per second that the agent's assignments ask for." },
  clusterAssignedMonitors: { name: "sightline_cluster_assigned_monitors", type: "gauge", per: "cluster", labels: CLUSTER, help: "Monitors that are assigned to the cluster." },
  clusterOutboxQueued: { name: "sightline_cluster_outbox_queued", type: "gauge", per: "cluster", labels: CLUSTER, help: "Results that wait in the agent's outbox, by its last heartbeat." },
  clusterOutboxLost: { name: "sightline_cluster_outbox_lost_total", type: "counter", per: "cluster", labels: CLUSTER, help: "Results that the agent gave up since its start, by its last heartbeat." },
  clusterChecksNotProbed: { name: "sightline_cluster_checks_not_probed", type: "gauge", per: "cluster", labels: CLUSTER, help: "Checks that the cluster's agent reports as not probed: it is overloaded, or cannot read them." },
  heartbeats: { name: "sightline_heartbeats_total", type: "counter", per: "process", labels: ["outcome"], help: "Heartbeats by what became of them." },

  // Results on their way in.
  resultsIngested: { name: "sightline_results_ingested_total", type: "counter", per: "process", labels: [], help: "Results taken in." },
  resultsDropped: { name: "sightline_results_dropped_total", type: "counter", per: "process", labels: ["reason"], help: "Results that were not taken, by reason." },
  resultsParked: { name: "sightline_results_parked_total", type: "counter", per: "process", labels: [], help: "Messages that could not be read and were parked." },
  resultsRefused: { name: "sightline_results_refused_total", type: "counter", per: "process", labels: ["reason"], help: "Messages of results that are not those of their cluster's agent, by reason. They are parked." },
  resultsLag: { name: "sightline_results_lag_seconds", type: "gauge", per: "process", labels: [], help: "For how long the oldest known results message has waited to be read; 0 when none waits." },

  // Admission.
  admissionRequests: { name: "sightline_admission_requests_total", type: "counter", per: "process", labels: ["operation", "outcome"], help: "Changes that the API server asked about, by what became of them." },
  admissionDuration: {
    name: "sightline_admission_duration_seconds",
    type: "histogram",
    per: "process",
    labels: ["review"],
    help: "Time of one admission review.",
    /** 1 ms, doubling, up to past the limit of 3 s. */
    buckets: Array.from({ length: 13 }, (_, power) => 0.001 * 2 ** power),
  },

  // The hub's own health.
  natsConnected: { name: "sightline_nats_connected", type: "gauge", per: "process", labels: [], help: "1 while the connection to NATS is up." },
  streamsRecreated: { name: "sightline_streams_recreated_total", type: "counter", per: "process", labels: [], help: "Streams that were gone and have been made again." },
  secretReads: { name: "sightline_secret_reads_total", type: "counter", per: "process", labels: ["source", "result"], help: "Reads of secrets that monitors use, by where they are kept and what came of it." },
  auditRecords: { name: "sightline_audit_records_total", type: "counter", per: "process", labels: ["outcome"], help: "Decisions about who may do what that stand in the audit log." },
  auditFailures: { name: "sightline_audit_failures_total", type: "counter", per: "process", labels: [], help: "Decisions that could not be kept in the audit log: nothing was permitted by them." },
  leaksFound: { name: "resource_leaks_total", type: "counter", per: "process", labels: ["resource", "kind"], help: "Leaked objects, each counted once, when it was found." },
  leaks: { name: "resource_leaks", type: "gauge", per: "process", labels: ["resource", "kind"], help: "Leaked objects that are there now." },
} as const satisfies Record<string, MetricSpec>;

/** Served by hub and agent alike. */
const COMMON = {
  // One monitor in one cluster, with the names that dashboards know from blackbox_exporter.
  probeSuccess: { name: "probe_success", type: "gauge", per: "pair", labels: PAIR, help: "Whether the last probe succeeded." },
  probeDuration: { name: "probe_duration_seconds", type: "gauge", per: "pair", labels: PAIR, help: "How long the last probe took." },
  probePhases: { name: "probe_http_duration_seconds", type: "gauge", per: "pair", labels: ["namespace", "monitor", "cluster", "region", "phase"], help: "Time of each phase of the last probe, over all redirects." },
  probeStatusCode: { name: "probe_http_status_code", type: "gauge", per: "pair", labels: PAIR, help: "Status code of the last response; 0 without one." },
  probeCertificateExpiry: { name: "probe_ssl_earliest_cert_expiry", type: "gauge", per: "pair", labels: PAIR, help: "Earliest end of the certificates seen, in seconds since the Unix epoch." },
  buildInfo: { name: "sightline_build_info", type: "gauge", per: "process", labels: ["version", "node"], help: "1, with the version of the program and of Node that runs it." },
} as const satisfies Record<string, MetricSpec>;

/** Served by the agent alone. */
const AGENT = {
  agentProbes: { name: "sightline_agent_probes_total", type: "counter", per: "process", labels: ["result"], help: "Probes made, by result." },
  agentProbesSkipped: { name: "sightline_agent_probes_skipped_total", type: "counter", per: "process", labels: [], help: "Probes that were due and not made: the one before had not ended, or not even begun." },
  agentChecks: { name: "sightline_agent_checks", type: "gauge", per: "process", labels: [], help: "Checks that are scheduled." },
  agentChecksNotProbed: { name: "sightline_agent_checks_not_probed", type: "gauge", per: "process", labels: [], help: "Checks that wait for their turn for longer than an interval, or cannot be read." },
  agentProbesRunning: { name: "sightline_agent_probes_running", type: "gauge", per: "process", labels: [], help: "Probes under way." },
  agentProbesWaiting: { name: "sightline_agent_probes_waiting", type: "gauge", per: "process", labels: [], help: "Probes that are due and wait for a running one to end." },
  agentOutboxQueued: { name: "sightline_agent_outbox_queued", type: "gauge", per: "process", labels: [], help: "Results that the hub's stream has not acknowledged yet." },
  agentOutboxLost: { name: "sightline_agent_outbox_lost_total", type: "counter", per: "process", labels: [], help: "Results given up since the start." },
  agentAssignmentResets: { name: "sightline_agent_assignment_resets_total", type: "counter", per: "process", labels: [], help: "How often reading the assignments started over." },
  agentAssignmentsUnreadable: { name: "sightline_agent_assignments_unreadable", type: "gauge", per: "process", labels: [], help: "Assignments of the held set that cannot be read, and are not run." },
  agentHeadsUnreadable: { name: "sightline_agent_heads_unreadable_total", type: "counter", per: "process", labels: [], help: "Heads that could not be read." },
  agentHeadsForged: { name: "sightline_agent_heads_forged_total", type: "counter", per: "process", labels: [], help: "Heads that the hub had not signed. They are not followed." },
  agentHeldEpoch: { name: "sightline_agent_held_epoch", type: "gauge", per: "process", labels: [], help: "Epoch of the held assignment set; 0 before the first one." },
  agentHeldGeneration: { name: "sightline_agent_held_generation", type: "gauge", per: "process", labels: [], help: "Generation of the held assignment set." },
  agentHeldAssignments: { name: "sightline_agent_held_assignments", type: "gauge", per: "process", labels: [], help: "Assignments in the held set." },
  agentNatsConnected: { name: "sightline_agent_nats_connected", type: "gauge", per: "process", labels: [], help: "1 while the connection to NATS is up." },
} as const satisfies Record<string, MetricSpec>;

export const METRICS = { ...HUB, ...COMMON, ...AGENT };

const COMMON_TO_ALL: readonly MetricSpec[] = [...Object.values(COMMON), ...NODE_METRICS];

/** All that each process serves, the runtime's own included. */
export const CATALOGUE: Readonly<Record<Process, readonly MetricSpec[]>> = {
  hub: [...Object.values(HUB), ...COMMON_TO_ALL],
  agent: [...Object.values(AGENT), ...COMMON_TO_ALL],
};
