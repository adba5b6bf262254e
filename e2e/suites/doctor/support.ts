import { writeFile } from "node:fs/promises";
import path from "node:path";

import type { SigningKey } from "@sightline/shared/identity";
import { type NatsConnection, signedHeaders } from "@sightline/shared/nats";
import { encodeHeartbeat, heartbeatSubject } from "@sightline/shared/wire";

import { heartbeat } from "../../../hub/src/testing/heartbeats.ts";
import { at, listAt, textAt } from "../../kit/json.ts";
import type { Stage } from "../../kit/sandbox.ts";
import { sightline } from "../../kit/sightline.ts";
import { renderKubeconfig } from "../../sandbox/kube/kubeconfig.ts";

/** What doctor found, of its JSON. */
export interface Diagnosis {
  status: number;
  /** `check: state` or `check (where): state`, of all that is not ok. */
  troubles: string[];
  /** The sentence of a check, of one place where there are several. */
  message(check: string, where?: string): string | undefined;
  states(check: string): string[];
}

/** Runs doctor with all that the stage has; `change` sets flags otherwise, or leaves them out (undefined). */
export async function doctor(stage: Stage, change: Record<string, string | undefined> = {}): Promise<Diagnosis> {
  const { status, output } = await sightline(stage, "doctor", "-o", "json", ...wordsFor(stage, change));
  const findings = listAt(parsed(output), "findings");
  const named = (check: string, where?: string): unknown[] => findings.filter((one) => at(one, "check") === check && (where === undefined || at(one, "where") === where));
  return {
    status,
    troubles: findings.filter((one) => at(one, "state") !== "ok").map(labelOf),
    message: (check, where) => textAt(named(check, where)[0], "message"),
    states: (check) => named(check).map((one) => String(at(one, "state"))),
  };
}

/** The flags by which doctor sees a whole stage. */
export function wordsFor({ sandbox: { state } }: Stage, change: Record<string, string | undefined> = {}): string[] {
  const flags: Record<string, string | undefined> = {
    "--kubeconfig": state.kubeconfig,
    "--nats-url": state.nats.join(","),
    "--nats-creds": state.natsHub.credsFile,
    "--nats-ca": state.natsHub.ca,
    "--nats-monitor-url": state.natsMonitor,
    "--hub-url": state.hubs.map(({ api }) => api).join(","),
    "--agent-url": state.agents.map(({ url }) => url).join(","),
    ...change,
  };
  return Object.entries(flags).flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]));
}

function labelOf(finding: unknown): string {
  const where = textAt(finding, "where");
  return `${String(at(finding, "check"))}${where === undefined ? "" : ` (${where})`}: ${String(at(finding, "state"))}`;
}

function parsed(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch (cause) {
    throw new Error(`doctor did not print JSON: ${output}`, { cause });
  }
}

/** Path of a kubeconfig of a ServiceAccount that may do nothing. */
export async function kubeconfigOfNobody({ sandbox }: Stage): Promise<string> {
  const { client, server, ca } = sandbox.kube;
  await client.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace: "default", name: "nobody" } });
  const spec = { expirationSeconds: 3600 };
  const answer = await client.post("api/v1/namespaces/default/serviceaccounts/nobody/token", { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec });
  const file = path.join(sandbox.dir, "nobody.kubeconfig");
  await writeFile(file, renderKubeconfig({ server, ca, user: { token: textAt(answer, "status", "token") ?? "" } }), { mode: 0o600 });
  return file;
}

/** Takes a field out of the stored schema of a CRD's status. */
export async function removeStatusField({ sandbox }: Stage, crd: string, name: string): Promise<void> {
  const { client } = sandbox.kube;
  const file = `apis/apiextensions.k8s.io/v1/customresourcedefinitions/${crd}`;
  const versions = structuredClone(listAt(await client.get(file), "spec", "versions"));
  const fields = at(versions, 0, "schema", "openAPIV3Schema", "properties", "status", "properties");
  if (typeof fields !== "object" || fields === null || !Reflect.has(fields, name)) throw new Error(`${crd} has no status field ${name}`);
  Reflect.deleteProperty(fields, name);
  await client.patch(file, { spec: { versions } });
}

/** Takes the rules about a resource out of the hub's ClusterRole. */
export async function withdrawRight({ sandbox }: Stage, resource: string): Promise<void> {
  const { client } = sandbox.kube;
  const role = "apis/rbac.authorization.k8s.io/v1/clusterroles/http-monitor-operator";
  const rules = listAt(await client.get(role), "rules").filter((rule) => !listAt(rule, "resources").includes(resource));
  await client.patch(role, { rules });
}

/** What the agent of a cluster says whose clock is 10 s behind, and which is of another age. */
export function strangeHeartbeat(connection: NatsConnection, key: SigningKey, cluster: string, sequence: number): void {
  const said = heartbeat({ sequence, sentAt: Date.now() - 10_000, agentVersion: "0.7.0", held: null });
  const [subject, payload] = [heartbeatSubject(cluster), encodeHeartbeat(cluster, said)];
  connection.publish(subject, payload, { headers: signedHeaders(key, subject, payload) });
}

/** Changes a stream by hand. */
export async function changeStream(connection: NatsConnection, stream: string, change: object): Promise<void> {
  const info: unknown = (await connection.request(`$JS.API.STREAM.INFO.${stream}`)).json();
  const config = at(info, "config");
  const answer: unknown = (await connection.request(`$JS.API.STREAM.UPDATE.${stream}`, JSON.stringify({ ...(typeof config === "object" ? config : {}), ...change }))).json();
  const refusal = textAt(answer, "error", "description");
  if (refusal !== undefined) throw new Error(`the stream could not be changed: ${refusal}`);
}
