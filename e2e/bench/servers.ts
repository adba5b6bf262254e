import { readFile } from "node:fs/promises";
import got from "got";
import { at, listAt, textAt } from "../kit/json.ts";
import { parseMetrics, type Sample } from "../kit/metrics.ts";
import type { Sandbox } from "../sandbox/mod.ts";

const TIMEOUT_MS = 20_000;

/** What the API server counts: requests by verb and resource, and so on. */
export async function apiServerMetrics({ kube }: Sandbox): Promise<Sample[]> {
  const https = { certificateAuthority: kube.ca, certificate: kube.admin.cert, key: kube.admin.key };
  return parseMetrics(await got(`${kube.server}/metrics`, { https, retry: { limit: 0 }, timeout: { request: TIMEOUT_MS } }).text());
}

/** What etcd counts: bytes to its log, size of its database. Its address and certificates are those it was started with. */
export async function etcdMetrics(sandbox: Sandbox): Promise<Sample[]> {
  const commandLine = await readFile(`/proc/${sandbox.part("etcd").pid}/cmdline`, "utf8");
  const flag = (name: string): string => {
    const found = commandLine.split("\0").find((argument) => argument.startsWith(`--${name}=`));
    if (found === undefined) throw new Error(`etcd was started without --${name}`);
    return found.slice(name.length + 3);
  };
  const [certificateAuthority, certificate, key] = await Promise.all([readFile(flag("trusted-ca-file")), readFile(flag("cert-file")), readFile(flag("key-file"))]);
  const https = { certificateAuthority, certificate, key };
  return parseMetrics(await got(`${flag("advertise-client-urls")}/metrics`, { https, retry: { limit: 0 }, timeout: { request: TIMEOUT_MS } }).text());
}

/** What one stream holds on the server's disk. */
export interface StreamSize {
  name: string;
  bytes: number;
}

/** Every stream of the server, by its monitoring endpoint (https://docs.nats.io/running-a-nats-service/nats_admin/monitoring, /jsz). */
export async function streamSizes({ state }: Sandbox): Promise<StreamSize[]> {
  const report: unknown = await got(`${state.natsMonitor}/jsz?streams=true`, { retry: { limit: 0 }, timeout: { request: TIMEOUT_MS } }).json();
  return listAt(report, "account_details")
    .flatMap((account) => listAt(account, "stream_detail"))
    .map((stream) => ({ name: textAt(stream, "name") ?? "", bytes: Number(at(stream, "state", "bytes")) }));
}
