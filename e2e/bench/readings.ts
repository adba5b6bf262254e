import { readFile } from "node:fs/promises";
import { scrape, type Sample, sum } from "../kit/metrics.ts";
import { apiServerMetrics, etcdMetrics, type StreamSize, streamSizes } from "./servers.ts";
import type { MeasuredStage } from "./stage.ts";
import type { CountingTarget } from "./target.ts";
import { type Usage, usageOf } from "./usage.ts";

/** Everything that is counted, read at one moment. Differences of two readings are rates. */
export interface Reading {
  /** Milliseconds since the Unix epoch. */
  at: number;
  statusWrites: number;
  configMapWrites: number;
  conflicts: number;
  etcdLogBytes: number;
  etcdDatabaseBytes: number;
  natsDiskBytes: number;
  streams: StreamSize[];
  agentDiskBytes: number;
  ingested: number;
  probes: number;
  skipped: number;
  usage: Record<string, Usage>;
}

const WRITES = ["APPLY", "PATCH", "PUT", "POST"];

export async function read({ sandbox, hubPid, agentPids }: MeasuredStage, target: CountingTarget): Promise<Reading> {
  const [api, etcd, hub, agents, probes, streams] = await Promise.all([
    apiServerMetrics(sandbox),
    etcdMetrics(sandbox),
    scrape(sandbox.state.hubs[0]?.metrics ?? ""),
    Promise.all(sandbox.state.agents.map(({ metrics }) => scrape(metrics))),
    target.requests(),
    streamSizes(sandbox),
  ]);
  return {
    at: Date.now(),
    statusWrites: writes(api, { resource: "httpmonitors", subresource: "status" }),
    configMapWrites: writes(api, { resource: "configmaps" }),
    conflicts: sum(api, "apiserver_request_total", { resource: "httpmonitors", code: "409" }),
    etcdLogBytes: sum(etcd, "etcd_disk_wal_write_bytes_total"),
    etcdDatabaseBytes: sum(etcd, "etcd_mvcc_db_total_size_in_bytes"),
    natsDiskBytes: await diskBytes(sandbox.part("nats-server").pid),
    streams,
    agentDiskBytes: (await Promise.all(agentPids.map((pid) => diskBytes(pid)))).reduce((all, one) => all + one, 0),
    ingested: sum(hub, "sightline_results_ingested_total"),
    probes,
    skipped: agents.reduce((all, samples) => all + sum(samples, "sightline_agent_probes_skipped_total"), 0),
    usage: await usages({ hub: [hubPid], agents: agentPids, "kube-apiserver": [sandbox.part("kube-apiserver").pid], etcd: [sandbox.part("etcd").pid], "nats-server": [sandbox.part("nats-server").pid], target: [target.pid] }),
  };
}

/** Writes that the API server has accepted. */
function writes(samples: readonly Sample[], labels: Record<string, string>): number {
  const accepted = samples.filter(({ labels: { code = "" } }) => code.startsWith("2"));
  return WRITES.reduce((all, verb) => all + sum(accepted, "apiserver_request_total", { ...labels, verb }), 0);
}

async function usages(pids: Record<string, number[]>): Promise<Record<string, Usage>> {
  const entries = Object.entries(pids).map(async ([name, several]) => {
    const each = await Promise.all(several.map((pid) => usageOf(pid)));
    return [name, each.reduce(added)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

function added(a: Usage, b: Usage): Usage {
  return { cpuSeconds: a.cpuSeconds + b.cpuSeconds, rssBytes: a.rssBytes + b.rssBytes, peakRssBytes: a.peakRssBytes + b.peakRssBytes };
}

/** Bytes that a process has made the system write to its disks (proc_pid_io(5)). */
async function diskBytes(pid: number): Promise<number> {
  return Number(/^write_bytes: (\d+)/m.exec(await readFile(`/proc/${pid}/io`, "utf8"))?.[1] ?? Number.NaN);
}
