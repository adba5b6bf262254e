/** One etcd member, reached over TLS with a client certificate. */
import path from "node:path";

import got from "got";

import type { PortSource } from "../../kit/ports.ts";
import type { Layout } from "../layout.ts";
import type { Authority, Leaf } from "../pki.ts";
import { onFreePorts } from "./on-free-ports.ts";
import type { Supervisor } from "./supervisor.ts";

export interface EtcdAccess {
  readonly url: string;
  readonly caFile: string;
  /** Serves etcd itself, and its one client, kube-apiserver. */
  readonly leaf: Leaf;
}

export interface EtcdInput {
  readonly supervisor: Supervisor;
  readonly layout: Layout;
  readonly binary: string;
  readonly authority: Authority;
  readonly ports: PortSource;
}

export async function startEtcd({ supervisor, layout, binary, authority, ports }: EtcdInput): Promise<EtcdAccess> {
  const leaf = await authority.issue("etcd", "CN=etcd", "both");
  const { caFile, ca } = authority;
  return await onFreePorts(ports, 2, async (port, peerPort) => {
    const url = `https://127.0.0.1:${port}`;
    const https = { certificateAuthority: ca, certificate: leaf.cert, key: leaf.key };
    await supervisor.start({
      name: "etcd",
      command: binary,
      args: etcdArguments({ url, peerUrl: `https://127.0.0.1:${peerPort}`, dataDir: layout.etcdData, caFile, leaf }),
      log: path.join(layout.logs, "etcd.log"),
      layer: 0,
      ready: async () => (await got(`${url}/readyz`, { https, retry: { limit: 0 }, timeout: { request: 1000 } })).statusCode === 200,
    });
    return { url, caFile, leaf };
  });
}

interface EtcdSettings {
  readonly url: string;
  readonly peerUrl: string;
  readonly dataDir: string;
  readonly caFile: string;
  readonly leaf: Leaf;
}

function etcdArguments({ url, peerUrl, dataDir, caFile, leaf }: EtcdSettings): string[] {
  return [
    "--name=sandbox",
    `--data-dir=${dataDir}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=sandbox=${peerUrl}`,
    "--client-cert-auth=true",
    `--trusted-ca-file=${caFile}`,
    `--cert-file=${leaf.certFile}`,
    `--key-file=${leaf.keyFile}`,
    "--peer-client-cert-auth=true",
    `--peer-trusted-ca-file=${caFile}`,
    `--peer-cert-file=${leaf.certFile}`,
    `--peer-key-file=${leaf.keyFile}`,
    // A sandbox need not survive a power failure; a process that is killed loses nothing.
    "--unsafe-no-fsync=true",
    "--log-level=warn",
  ];
}
