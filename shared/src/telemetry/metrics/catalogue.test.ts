import { describe, expect, it } from "vitest";
import { CATALOGUE } from "./catalogue.ts";
import type { MetricSpec, Process } from "./spec.ts";

/** What users' dashboards and alerts hold on to. A changed line here breaks them: it belongs into the changelog. */
const GOLDEN: Record<Process | "both", string[]> = {
  hub: [
    "controller_leader_election_status{controller} gauge",
    "controller_queue_depth{controller} gauge",
    "controller_reconcile_duration_seconds{controller,namespace} histogram",
    "controller_reconcile_errors_total{controller,error_type,namespace} counter",
    "controller_reconcile_total{controller,result,namespace} counter",
    "controller_resource_cache_size{controller,resource_type} gauge",
    "httpmonitor_clusters{namespace,monitor,state} gauge",
    "httpmonitor_status{namespace,monitor,status} gauge",
    "httpmonitor_clusters_silent{namespace,monitor} gauge",
    "httpmonitor_suspended{namespace,monitor} gauge",
    "httpmonitor_transitions_total{status} counter",
    "resource_leaks{resource,kind} gauge",
    "resource_leaks_total{resource,kind} counter",
    "sightline_admission_duration_seconds{review} histogram",
    "sightline_admission_requests_total{operation,outcome} counter",
    "sightline_audit_failures_total{} counter",
    "sightline_audit_records_total{outcome} counter",
    "sightline_cluster_assigned_monitors{cluster,region} gauge",
    "sightline_cluster_available{cluster,region} gauge",
    "sightline_cluster_checks_not_probed{cluster,region} gauge",
    "sightline_cluster_clock_offset_seconds{cluster,region} gauge",
    "sightline_cluster_info{cluster,region,environment,agent_version} gauge",
    "sightline_cluster_last_heartbeat_timestamp_seconds{cluster,region} gauge",
    "sightline_cluster_outbox_lost_total{cluster,region} counter",
    "sightline_cluster_outbox_queued{cluster,region} gauge",
    "sightline_cluster_probes_per_second{cluster,region} gauge",
    "sightline_heartbeats_total{outcome} counter",
    "sightline_nats_connected{} gauge",
    "sightline_pair_series_limited{} gauge",
    "sightline_results_dropped_total{reason} counter",
    "sightline_results_ingested_total{} counter",
    "sightline_results_lag_seconds{} gauge",
    "sightline_results_parked_total{} counter",
    "sightline_results_refused_total{reason} counter",
    "sightline_secret_reads_total{source,result} counter",
    "sightline_status_refresh_seconds{} gauge",
    "sightline_status_write_budget{kind} gauge",
    "sightline_status_writes_total{reason} counter",
    "sightline_status_writes_waiting{reason} gauge",
    "sightline_streams_recreated_total{} counter",
    "sightline_unreadable_objects_total{resource_type} counter",
    "sightline_watch_failures_total{resource_type,reason} counter",
  ],
  agent: [
    "sightline_agent_assignment_resets_total{} counter",
    "sightline_agent_assignments_unreadable{} gauge",
    "sightline_agent_checks_not_probed{} gauge",
    "sightline_agent_checks{} gauge",
    "sightline_agent_heads_forged_total{} counter",
    "sightline_agent_heads_unreadable_total{} counter",
    "sightline_agent_held_assignments{} gauge",
    "sightline_agent_held_epoch{} gauge",
    "sightline_agent_held_generation{} gauge",
    "sightline_agent_nats_connected{} gauge",
    "sightline_agent_outbox_lost_total{} counter",
    "sightline_agent_outbox_queued{} gauge",
    "sightline_agent_probes_running{} gauge",
    "sightline_agent_probes_skipped_total{} counter",
    "sightline_agent_probes_total{result} counter",
    "sightline_agent_probes_waiting{} gauge",
  ],
  both: [
    "nodejs_active_handles{type} gauge",
    "nodejs_active_requests{type} gauge",
    "nodejs_active_resources{type} gauge",
    "nodejs_eventloop_lag_max_seconds{} gauge",
    "nodejs_eventloop_lag_mean_seconds{} gauge",
    "nodejs_eventloop_lag_min_seconds{} gauge",
    "nodejs_eventloop_lag_p50_seconds{} gauge",
    "nodejs_eventloop_lag_p90_seconds{} gauge",
    "nodejs_eventloop_lag_p99_seconds{} gauge",
    "nodejs_eventloop_lag_seconds{} gauge",
    "nodejs_eventloop_lag_stddev_seconds{} gauge",
    "nodejs_external_memory_bytes{} gauge",
    "nodejs_gc_duration_seconds{kind} histogram",
    "nodejs_heap_size_total_bytes{} gauge",
    "nodejs_heap_size_used_bytes{} gauge",
    "nodejs_heap_space_size_available_bytes{space} gauge",
    "nodejs_heap_space_size_total_bytes{space} gauge",
    "nodejs_heap_space_size_used_bytes{space} gauge",
    "nodejs_version_info{version,major,minor,patch} gauge",
    "probe_duration_seconds{namespace,monitor,cluster,region} gauge",
    "probe_http_duration_seconds{namespace,monitor,cluster,region,phase} gauge",
    "probe_http_status_code{namespace,monitor,cluster,region} gauge",
    "probe_ssl_earliest_cert_expiry{namespace,monitor,cluster,region} gauge",
    "probe_success{namespace,monitor,cluster,region} gauge",
    "process_cpu_seconds_total{} counter",
    "process_cpu_system_seconds_total{} counter",
    "process_cpu_user_seconds_total{} counter",
    "process_heap_bytes{} gauge",
    "process_max_fds{} gauge",
    "process_open_fds{} gauge",
    "process_resident_memory_bytes{} gauge",
    "process_start_time_seconds{} gauge",
    "process_virtual_memory_bytes{} gauge",
    "sightline_build_info{version,node} gauge",
  ],
};

function lineOf({ name, labels, type }: MetricSpec): string {
  return `${name}{${labels.join(",")}} ${type}`;
}

describe("the catalogue of metrics", () => {
  it.each(["hub", "agent"] as const)("has the names, labels and types that users rely on, for the %s", (process) => {
    expect(CATALOGUE[process].map(lineOf).toSorted()).toEqual([...GOLDEN[process], ...GOLDEN.both].toSorted());
  });

  it.each(["hub", "agent"] as const)("has one sentence for each metric of the %s", (process) => {
    expect(CATALOGUE[process].filter(({ help }) => !/^\S.*\.$/.test(help)).map(({ name }) => name)).toEqual([]);
  });
});
