import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SightlineError, systemClock } from "@sightline/shared";
import { type ClusterRegistration, parseClusterRegistration } from "@sightline/shared/api";
import { encodeJoinToken, type JoinToken } from "@sightline/shared/identity";
import { hubKeysIn, readHubKeys } from "../../identity/hub-keys.ts";
import { makeJoinToken, type TokenMaker } from "../../identity/join.ts";
import { KEYS_SECRET } from "../../identity/secret.ts";
import { createKubeClient, type KubeClient, loadUserKubeConfig } from "../../kube/client.ts";
import { unlessNotFound } from "../../kube/errors.ts";
import { listField, textsIn } from "../../kube/raw.ts";
import { CLUSTER_REGISTRATIONS, collectionPath, objectPath, SECRETS } from "../../kube/resources.ts";
import { yamlDocuments } from "../../kube/yaml.ts";
import type { JoinRequest } from "./command.ts";
import { agentManifest } from "./manifest.ts";

export type JoinErrorCode = "NOT_REGISTERED" | "ALREADY_ENROLLED" | "KEYS_MISSING";

/** Why no join token is made. Documented in docs/reference/errors.md. */
export class JoinError extends SightlineError<JoinErrorCode> {
  override readonly name = "JoinError";
}

const REQUEST_TIMEOUT_MS = 10_000;

/** @throws JoinError, KubeError, KeyFileError */
export async function runJoinCommand(request: JoinRequest): Promise<void> {
  const client = createKubeClient(loadUserKubeConfig(request.kubeconfig), { clock: systemClock, timeoutMs: REQUEST_TIMEOUT_MS, userAgent: "sightline" });
  const clusters = await chosen(client, request);
  const keys = request.keysDir === undefined ? await keysInSecret(client, request.hubNamespace) : await readHubKeys(request.keysDir);
  await print(await tokensFor(keys, clusters, request.ttlMs), request);
}

async function tokensFor(keys: TokenMaker, clusters: readonly string[], ttlMs: number): Promise<JoinToken[]> {
  const expiresAt = Math.floor((systemClock.now() + ttlMs) / 1000);
  return await Promise.all(clusters.map((cluster) => makeJoinToken(keys, cluster, expiresAt)));
}

async function chosen(client: KubeClient, { name, selector, renew }: JoinRequest): Promise<string[]> {
  const registrations = name === undefined ? await list(client, selector ?? "") : [await read(client, name)];
  if (registrations.length === 0) throw new JoinError("NOT_REGISTERED", `no ClusterRegistration has the labels ${selector}`);
  const { open, enrolled } = sorted(registrations, renew);
  if (open.length === 0) throw new JoinError("ALREADY_ENROLLED", `an agent of ${enrolled.join(", ")} has enrolled already; if it lost its keys, say --renew: another one then takes its place, and has to be accepted`);
  if (enrolled.length > 0) process.stderr.write(`left out, since their agents have enrolled (say --renew to replace them): ${enrolled.join(", ")}\n`);
  return open;
}

function names(registrations: readonly ClusterRegistration[]): string[] {
  return registrations.map(({ metadata }) => metadata.name).toSorted();
}

/** Which clusters may get a token, and which have an agent that it would replace. Pure. */
export function sorted(registrations: readonly ClusterRegistration[], renew: boolean): { open: string[]; enrolled: string[] } {
  const isOpen = ({ status }: ClusterRegistration): boolean => renew || status?.publicKey === undefined;
  return { open: names(registrations.filter((one) => isOpen(one))), enrolled: names(registrations.filter((one) => !isOpen(one))) };
}

async function read(client: KubeClient, name: string): Promise<ClusterRegistration> {
  const found = await unlessNotFound(client.request({ action: `read ClusterRegistration ${name}`, method: "GET", path: objectPath(CLUSTER_REGISTRATIONS, { name }) }));
  if (found !== undefined) return parseClusterRegistration(found);
  throw new JoinError("NOT_REGISTERED", `there is no ClusterRegistration ${name}: create it first (docs/operate/identity.md), then run this again`);
}

async function list(client: KubeClient, labelSelector: string): Promise<ClusterRegistration[]> {
  const answer = await client.request({ action: `list ClusterRegistrations with ${labelSelector}`, method: "GET", path: collectionPath(CLUSTER_REGISTRATIONS), query: { labelSelector } });
  return listField(answer, "items").map((item) => parseClusterRegistration(item));
}

async function keysInSecret(client: KubeClient, namespace: string): Promise<TokenMaker> {
  const where = `Secret ${namespace}/${KEYS_SECRET}`;
  const found = await unlessNotFound(client.request({ action: `read ${where}`, method: "GET", path: objectPath(SECRETS, { namespace, name: KEYS_SECRET }) }));
  if (found === undefined) throw new JoinError("KEYS_MISSING", `there is no ${where}: sightline init makes it; or name the folder of the keys by --keys-dir`);
  const files = Object.entries(textsIn(found, "data")).map(([name, text]) => [name, Buffer.from(text, "base64").toString("utf8")] as const);
  return hubKeysIn(Object.fromEntries(files), where);
}

async function print(tokens: readonly JoinToken[], request: JoinRequest): Promise<void> {
  const { outDir, output } = request;
  if (outDir === undefined) {
    process.stdout.write(tokens.map((token) => render(token, request)).join(""));
    return;
  }
  await mkdir(outDir, { recursive: true, mode: 0o700 });
  const ending = output === "manifest" || output === "helm-values" ? "yaml" : "txt";
  for (const token of tokens) await writeFile(join(outDir, `${token.cluster}.${ending}`), render(token, request), { mode: 0o600 });
  process.stderr.write(`${tokens.length} files are in ${outDir}; who has one of them can join in its cluster's name until it was used\n`);
}

/** What is printed for one cluster. */
export function render(token: JoinToken, { output, agentNamespace: namespace, image, chart }: Pick<JoinRequest, "output" | "agentNamespace" | "image" | "chart">): string {
  const line = encodeJoinToken(token);
  if (output === "token") return `${line}\n`;
  if (output === "manifest") return yamlDocuments(agentManifest(token, { namespace, image }));
  if (output === "helm-values") return yamlDocuments([{ cluster: token.cluster, joinToken: line }]);
  return `helm upgrade --install sightline-agent ${chart} --namespace ${namespace} --create-namespace --set-string cluster=${token.cluster} --set-string joinToken=${line}\n`;
}
