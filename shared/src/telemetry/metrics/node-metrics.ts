import type { MetricSpec, MetricType } from "./spec.ts";

/** What the metrics library knows of process and runtime: name, type, labels, and what it tells. */
const SERVED: readonly (readonly [name: string, type: MetricType, labels: readonly string[], help: string])[] = [
  ["process_cpu_user_seconds_total", "counter", [], "CPU time in user mode."],
  ["process_cpu_system_seconds_total", "counter", [], "CPU time in the kernel."],
  ["process_cpu_seconds_total", "counter", [], "CPU time of both."],
  ["process_start_time_seconds", "gauge", [], "When the process started, in seconds since the Unix epoch."],
  ["process_resident_memory_bytes", "gauge", [], "Resident memory."],
  ["process_virtual_memory_bytes", "gauge", [], "Virtual memory. Linux only."],
  ["process_heap_bytes", "gauge", [], "Data segment. Linux only."],
  ["process_open_fds", "gauge", [], "Open file descriptors. Linux only."],
  ["process_max_fds", "gauge", [], "Most file descriptors that may be open. Linux only."],
  ["nodejs_eventloop_lag_seconds", "gauge", [], "How late the event loop is at this moment."],
  ["nodejs_eventloop_lag_min_seconds", "gauge", [], "Least delay of the event loop since the last scrape, plus the 10 ms of the timer that measures it."],
  ["nodejs_eventloop_lag_max_seconds", "gauge", [], "Greatest delay of the event loop since the last scrape, plus the 10 ms of the timer that measures it."],
  ["nodejs_eventloop_lag_mean_seconds", "gauge", [], "Mean delay of the event loop since the last scrape, plus the 10 ms of the timer that measures it."],
  ["nodejs_eventloop_lag_stddev_seconds", "gauge", [], "Standard deviation of that delay."],
  ["nodejs_eventloop_lag_p50_seconds", "gauge", [], "Median of that delay, plus 10 ms as well."],
  ["nodejs_eventloop_lag_p90_seconds", "gauge", [], "90th percentile of that delay, plus 10 ms as well."],
  ["nodejs_eventloop_lag_p99_seconds", "gauge", [], "99th percentile of that delay, plus 10 ms as well."],
  ["nodejs_active_resources", "gauge", ["type"], "What keeps the event loop alive."],
  ["nodejs_active_handles", "gauge", ["type"], "Open handles: sockets, servers, child processes."],
  ["nodejs_active_requests", "gauge", ["type"], "Requests to the operating system under way."],
  ["nodejs_heap_size_total_bytes", "gauge", [], "Size of the JavaScript heap."],
  ["nodejs_heap_size_used_bytes", "gauge", [], "Used part of the JavaScript heap."],
  ["nodejs_external_memory_bytes", "gauge", [], "Memory of buffers, outside the heap."],
  ["nodejs_heap_space_size_total_bytes", "gauge", ["space"], "Size of each space of the heap."],
  ["nodejs_heap_space_size_used_bytes", "gauge", ["space"], "Used part of each space of the heap."],
  ["nodejs_heap_space_size_available_bytes", "gauge", ["space"], "Free part of each space of the heap."],
  ["nodejs_version_info", "gauge", ["version", "major", "minor", "patch"], "1, with the version of Node."],
  ["nodejs_gc_duration_seconds", "histogram", ["kind"], "Time of each garbage collection, by kind."],
];

export const NODE_METRICS: readonly MetricSpec[] = SERVED.map(([name, type, labels, help]) => ({ name, type, labels, help, per: "process" }));
