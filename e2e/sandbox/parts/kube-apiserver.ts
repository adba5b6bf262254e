/** kube-apiserver with RBAC, and an administrator known by a client certificate. */
import path from "node:path";

import type { PortSource } from "../../kit/ports.ts";
import { writeWhole } from "../file.ts";
import { KubeClient } from "../kube/client.ts";
import { writeKubeconfig } from "../kube/kubeconfig.ts";
import type { Layout } from "../layout.ts";
import type { Authority, Leaf } from "../pki.ts";
import { createSigningKey } from "../pki.ts";
import type { EtcdAccess } from "./etcd.ts";
import { onFreePorts } from "./on-free-ports.ts";
import type { Supervisor } from "./supervisor.ts";
import { WEBHOOK_CLIENT, type WebhookAccess } from "./webhook-forwarder.ts";

export interface KubeServer {
  readonly server: string;
  /** PEM text. */
  readonly ca: string;
  readonly admin: Leaf;
  /** Acts as the administrator. */
  readonly client: KubeClient;
  /** What it keeps everything in. */
  readonly etcd: EtcdAccess;
}

export interface KubeInput {
  readonly supervisor: Supervisor;
  readonly layout: Layout;
  readonly binary: string;
  readonly authority: Authority;
  readonly etcd: EtcdAccess;
  readonly ports: PortSource;
  /** Who is to be shown a client certificate. */
  readonly webhook: WebhookAccess | undefined;
}

/** Starts it and writes the administrator's kubeconfig. */
export async function startKubeApiserver(input: KubeInput): Promise<KubeServer> {
  const { supervisor, layout, authority, etcd, ports, webhook } = input;
  const serving = await authority.issue("kube-apiserver", "CN=kube-apiserver", "server");
  const admin = await authority.issue("admin", "CN=sightline-admin,O=system:masters", "client");
  const tokens = await createSigningKey(layout.pki, "service-accounts");
  const admission = webhook === undefined ? [] : await admissionArguments(layout, authority, webhook);
  return await onFreePorts(ports, 1, async (port = 0) => {
    const server = `https://127.0.0.1:${port}`;
    const client = new KubeClient({ server, ca: authority.ca, cert: admin.cert, key: admin.key });
    await supervisor.start({
      name: "kube-apiserver",
      command: input.binary,
      args: [...servingArguments(port, serving), ...etcdArguments(etcd), ...identityArguments(authority, tokens), ...admission],
      log: path.join(layout.logs, "kube-apiserver.log"),
      layer: 1,
      ready: () => client.isReady(),
    });
    await writeKubeconfig(layout.adminKubeconfig, { server, ca: authority.ca, user: admin });
    return { server, ca: authority.ca, admin, client, etcd };
  });
}

function servingArguments(port: number, serving: Leaf): string[] {
  return [
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--secure-port=${port}`,
    `--tls-cert-file=${serving.certFile}`,
    `--tls-private-key-file=${serving.keyFile}`,
    "--service-cluster-ip-range=10.96.0.0/16",
    // Nobody reaches the API through the Service `kubernetes`, and a loopback address would not be allowed in it.
    "--endpoint-reconciler-type=none",
    "--profiling=false",
  ];
}

function etcdArguments({ url, caFile, leaf }: EtcdAccess): string[] {
  return [`--etcd-servers=${url}`, `--etcd-cafile=${caFile}`, `--etcd-certfile=${leaf.certFile}`, `--etcd-keyfile=${leaf.keyFile}`];
}

/** Has it show itself to webhooks by a certificate of its own: they are to answer nobody else. */
async function admissionArguments({ pki }: Layout, authority: Authority, { host }: WebhookAccess): Promise<string[]> {
  const { certFile, keyFile } = await authority.issue(WEBHOOK_CLIENT, `CN=${WEBHOOK_CLIENT}`, "client");
  const [users, config] = [path.join(pki, "webhook-users.yaml"), path.join(pki, "admission.yaml")];
  const own = { apiVersion: "apiserver.config.k8s.io/v1", kind: "WebhookAdmissionConfiguration", kubeConfigFile: users };
  const plugins = ["MutatingAdmissionWebhook", "ValidatingAdmissionWebhook"].map((name) => ({ name, configuration: own }));
  await writeWhole(users, JSON.stringify({ apiVersion: "v1", kind: "Config", users: [{ name: host, user: { "client-certificate": certFile, "client-key": keyFile } }] }));
  await writeWhole(config, JSON.stringify({ apiVersion: "apiserver.config.k8s.io/v1", kind: "AdmissionConfiguration", plugins }));
  return [`--admission-control-config-file=${config}`];
}

function identityArguments(authority: Authority, tokens: { privateFile: string; publicFile: string }): string[] {
  return [
    "--authorization-mode=RBAC",
    "--anonymous-auth=false",
    `--client-ca-file=${authority.caFile}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${tokens.publicFile}`,
    `--service-account-signing-key-file=${tokens.privateFile}`,
  ];
}
