import type { KubeClient } from "../sandbox/mod.ts";
import { changeInEtcd } from "./etcd.ts";
import { HubApi } from "./hub-api.ts";
import { at } from "./json.ts";
import type { Stage } from "./sandbox.ts";

/** The hub itself. */
export const HUB_USER = "system:serviceaccount:sightline-system:http-monitor-operator";

/** Somebody who uses the hub's Kubernetes API. */
export interface Somebody {
  /** To be closed. */
  client: KubeClient;
  api: HubApi;
}

export function actingAs({ sandbox }: Pick<Stage, "sandbox">, user: string, ...groups: string[]): Somebody {
  const client = sandbox.kube.client.as({ user, groups });
  return { client, api: new HubApi(client) };
}

/** Changes a monitor past the review, as if no webhook had been there: by a JSON merge patch in etcd, the generation counted on as the API server does. */
export async function patchPastReview({ sandbox }: Pick<Stage, "sandbox">, key: string, change: object): Promise<void> {
  await changeInEtcd(sandbox.kube.etcd, `/registry/monitoring.example.com/httpmonitors/${key}`, (monitor) => {
    const changed = merged(monitor, change);
    return "spec" in change ? merged(changed, { metadata: { generation: Number(at(monitor, "metadata", "generation")) + 1 } }) : changed;
  });
}

/** RFC 7386. */
function merged(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = merged(result[name], value);
  }
  return result;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
