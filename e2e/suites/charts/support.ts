import { tmpdir } from "node:os";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import { at, listAt, textAt } from "../../kit/json.ts";
import { runGroup } from "../../kit/run.ts";
import { resolveBinaries } from "../../sandbox/mod.ts";
import { silent } from "../../sandbox/progress.ts";

export const ROOT = path.join(import.meta.dirname, "..", "..", "..");
export const CHARTS = ["sightline-agent", "sightline-hub"] as const;
export type Chart = (typeof CHARTS)[number];

/** The namespace that the documentation installs a chart in. */
export const NAMESPACES: Record<Chart, string> = { "sightline-agent": "sightline-agent", "sightline-hub": "sightline-system" };

export function chartPath(chart: Chart): string {
  return path.join(ROOT, "deploy", "helm", chart);
}

/** What has to be given. */
export const LEAST: Record<Chart, object> = {
  "sightline-agent": { cluster: "eu-1", joinToken: "abc" },
  "sightline-hub": { nats: { urls: ["tls://nats-0:4222", "tls://nats-1:4222"] }, webhook: { clientCaConfigMap: "sightline-webhook-client-ca" } },
};

const PLACED = {
  image: { repository: "registry.example/sightline", tag: "1.2.3", pullPolicy: "Always" },
  imagePullSecrets: [{ name: "pull" }],
  resources: { requests: { cpu: "1" } },
  podAnnotations: { "example.com/team": "platform" },
  nodeSelector: { "kubernetes.io/os": "linux" },
  tolerations: [{ key: "edge", operator: "Exists" }],
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: "edge", operator: "DoesNotExist" }] }] } } },
  extraVolumes: [{ name: "more", configMap: { name: "more" } }],
  extraVolumeMounts: [{ name: "more", mountPath: "/more", readOnly: true }],
};

/** A value for every key that there is. */
export const FULL: Record<Chart, object> = {
  "sightline-agent": {
    ...PLACED,
    cluster: "eu-1",
    joinToken: "abc",
    existingSecret: "token-of-mine",
    args: { "log-level": "debug", "max-concurrency": 50, "nats-ca": "/more/ca.crt" },
    persistence: { enabled: true, size: "2Gi", storageClass: "fast" },
    networkPolicy: { enabled: true, nats: [{ cidr: "203.0.113.10/32", port: 4222 }], apiServer: [{ cidr: "192.0.2.10/32", port: 6443 }], except: ["10.0.0.0/8", "fd00:1::/64"] },
    podMonitor: { enabled: true, interval: "30s", scrapeTimeout: "5s" },
  },
  "sightline-hub": {
    ...PLACED,
    replicas: 3,
    nats: { urls: ["tls://nats-0:4222", "tls://nats-1:4222"], ca: "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n", replicas: 1 },
    keysSecret: "keys-of-mine",
    webhook: { enabled: true, clientCaConfigMap: "api-server", clientNames: ["kube-apiserver-webhooks", "second"], allowAnyClient: false },
    audit: { persistence: { enabled: true, size: "9Gi", storageClass: "fast" } },
    tlsSecret: "hub-tls",
    metricsAuthorization: true,
    args: { "log-level": "debug", "vault-addr": "https://vault:8200", "vault-auth-role": "hub", "debug-reconciliation": true, "transition-budget": 7 },
    rbac: { leaks: true, secrets: true, examples: true },
    networkPolicy: { enabled: true, apiServer: ["192.0.2.10/32", "2001:db8::1/128"] },
    serviceMonitor: { enabled: true, interval: "30s", scrapeTimeout: "5s", endpoint: { tlsConfig: { insecureSkipVerify: true } } },
  },
};

export interface HelmResult {
  status: number;
  /** All that was printed. */
  output: string;
}

/** Runs the real Helm, with nothing of this user's. */
export async function runHelm(words: readonly string[], kubeconfig?: string): Promise<HelmResult> {
  const { helm } = await resolveBinaries(["helm"], { report: silent });
  const home = path.join(tmpdir(), "sightline-helm");
  const env = { PATH: process.env["PATH"], HOME: home, HELM_CACHE_HOME: home, HELM_CONFIG_HOME: home, HELM_DATA_HOME: home, ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }) };
  return await runGroup(helm, words, { cwd: ROOT, env });
}

/** The same, where anything but success is an error. */
export async function helm(words: readonly string[], kubeconfig?: string): Promise<string> {
  const { status, output } = await runHelm(words, kubeconfig);
  if (status !== 0) throw new Error(`helm ${words[0] ?? ""} ended with ${status}: ${output}`);
  return output;
}

export function templateWords(chart: Chart, values: object, namespace = NAMESPACES[chart]): string[] {
  return ["template", chart, chartPath(chart), "--namespace", namespace, "--set-json", JSON.stringify(values)];
}

/** The objects that a chart makes. */
export async function rendered(chart: Chart, values: object, namespace?: string): Promise<object[]> {
  return objectsIn(await helm(templateWords(chart, values, namespace)));
}

/** As Kubernetes reads YAML: by version 1.1. */
export function objectsIn(text: string): object[] {
  return parseAllDocuments(text, { version: "1.1" }).flatMap((document) => {
    if (document.errors.length > 0) throw new Error(document.errors.map(({ message }) => message).join("; "));
    const object: unknown = document.toJS();
    return typeof object === "object" && object !== null ? [object] : [];
  });
}

export function ofKind(objects: readonly object[], kind: string): object[] {
  return objects.filter((object) => textAt(object, "kind") === kind);
}

/** The only object of a kind. */
export function only(objects: readonly object[], kind: string): object {
  const [found, ...more] = ofKind(objects, kind);
  if (found === undefined || more.length > 0) throw new Error(`${more.length + (found === undefined ? 0 : 1)} objects of kind ${kind}`);
  return found;
}

/** Arguments of the first container of an object with a pod template. */
export function argumentsOf(object: unknown): string[] {
  return listAt(object, "spec", "template", "spec", "containers").flatMap((container) => listAt(container, "args")).map(String);
}

/** Names of the flags among arguments, without their dashes. */
export function flagsIn(args: readonly string[]): string[] {
  return args.map((argument) => /^--([a-z-]+)/.exec(argument)?.[1] ?? argument);
}

export function isHook(object: object): boolean {
  return at(object, "metadata", "annotations", "helm.sh/hook") !== undefined;
}

/** Kinds of the Prometheus Operator, which a plain API server does not know. */
export function isMonitoring(object: object): boolean {
  return textAt(object, "apiVersion")?.startsWith("monitoring.coreos.com/") === true;
}
