/** What the hub finds in a fresh Kubernetes API: the CRDs, its own rights, and the member clusters. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

import { parseAllDocuments } from "yaml";

import { at, listAt, textAt } from "../../kit/json.ts";
import { waitUntil } from "../../kit/wait.ts";
import type { ClusterSpec } from "../cluster-spec.ts";
import { SandboxError } from "../errors.ts";
import type { KubeClient } from "./client.ts";

const REPOSITORY = path.join(import.meta.dirname, "..", "..", "..");
const CRDS = path.join(REPOSITORY, "crds");
const RBAC = path.join(REPOSITORY, "deploy", "kustomize", "rbac.yaml");
const REGISTRATIONS = "apis/monitoring.example.com/v1/clusterregistrations";

/** Applies every file of crds/ and waits until the API server serves what they define. */
export async function applyCrds(client: KubeClient, signal: AbortSignal): Promise<void> {
  const files = (await readdir(CRDS)).filter((file) => file.endsWith(".yaml"));
  const crds = (await Promise.all(files.map((file) => readObjects(path.join(CRDS, file))))).flat();
  await Promise.all(crds.map((crd) => client.apply(crd)));
  await Promise.all(crds.map((crd) => untilEstablished(client, textAt(crd, "metadata", "name") ?? "", signal)));
}

async function untilEstablished(client: KubeClient, name: string, signal: AbortSignal): Promise<void> {
  await waitUntil({ what: `CRD ${name} to be established`, timeoutMs: 30_000, signal }, async () =>
    hasCondition(await client.get(`apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`), "Established"),
  );
}

/** Applies the hub's rights, in the order of the file: a namespace comes before what lies in it. */
export async function applyRbac(client: KubeClient): Promise<void> {
  for (const object of await readObjects(RBAC)) await client.apply(object);
}

const TOKEN_DAYS = 30;

/** A token of the hub's ServiceAccount. */
export async function operatorToken(client: KubeClient): Promise<string> {
  const answer = await client.post("api/v1/namespaces/sightline-system/serviceaccounts/http-monitor-operator/token", {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { expirationSeconds: TOKEN_DAYS * 86_400 },
  });
  const token = textAt(answer, "status", "token");
  if (token === undefined) throw new SandboxError("the Kubernetes API gave no token for the hub");
  return token;
}

/** What a sandbox probes is on loopback, which no monitor reaches elsewhere. */
export const SANDBOX_EGRESS = { allow: ["0.0.0.0/0", "::/0", "127.0.0.0/8", "::1"] };

/** Registers a member cluster, accepted. Region and environment are labels too, so that selectors can ask for them. */
export async function registerCluster(client: KubeClient, { name, ...place }: ClusterSpec): Promise<void> {
  await client.apply({
    apiVersion: "monitoring.example.com/v1",
    kind: "ClusterRegistration",
    metadata: { name, labels: place },
    spec: { ...place, accepted: true, egress: SANDBOX_EGRESS },
  });
}

/** Says, as enrolment does, which key a cluster's agent has: what it signs is believed from then on. */
export async function pinAgentKey(client: KubeClient, cluster: string, publicKey: string): Promise<void> {
  await client.patch(`${REGISTRATIONS}/${cluster}/status`, { status: { publicKey } });
}

export async function untilAvailable(client: KubeClient, clusters: readonly ClusterSpec[], signal: AbortSignal): Promise<void> {
  await waitUntil({ what: "all clusters to be Available", timeoutMs: 60_000, everyMs: 50, signal }, async () => {
    const items = listAt(await client.get(REGISTRATIONS), "items");
    const available = new Set(items.filter((item) => hasCondition(item, "Available")).map((item) => textAt(item, "metadata", "name")));
    const missing = clusters.filter(({ name }) => !available.has(name)).map(({ name }) => name);
    if (missing.length > 0) throw new Error(`not yet Available: ${missing.join(", ")}`);
    return true;
  });
}

function hasCondition(object: unknown, type: string): boolean {
  return listAt(object, "status", "conditions").some((condition) => at(condition, "type") === type && at(condition, "status") === "True");
}

async function readObjects(file: string): Promise<object[]> {
  return parseAllDocuments(await readFile(file, "utf8")).map((document) => {
    const value: unknown = document.toJS();
    if (document.errors.length > 0 || typeof value !== "object" || value === null) throw new SandboxError(`${file} is not a file of Kubernetes objects`);
    return value;
  });
}
