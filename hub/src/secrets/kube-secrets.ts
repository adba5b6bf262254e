import type { KubeClient } from "../kube/client.ts";
import { isKubeError } from "../kube/errors.ts";
import { textsIn } from "../kube/raw.ts";
import { objectPath, SECRETS } from "../kube/resources.ts";
import type { Reading, SecretObject } from "./sources.ts";

const TIMEOUT_MS = 4000;
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Reads a Secret. What is told of an error is its kind alone. Never rejects. */
export async function readSecret(client: KubeClient, { namespace, name }: SecretObject): Promise<Reading> {
  try {
    const secret = await client.request({ action: `read secret ${namespace}/${name}`, method: "GET", path: objectPath(SECRETS, { namespace, name }), timeoutMs: TIMEOUT_MS });
    return { kind: "found", values: new Map(Object.entries(textsIn(secret, "data")).flatMap(([key, text]) => decoded(key, text))) };
  } catch (error) {
    if (isKubeError(error, "NOT_FOUND")) return { kind: "absent", reason: "does not exist" };
    if (isKubeError(error, "FORBIDDEN")) return { kind: "unreachable", reason: "may not be read by the hub: it lacks the ClusterRole http-monitor-operator-secrets" };
    return { kind: "unreachable", reason: `cannot be read: the Kubernetes API answers ${isKubeError(error) ? error.code : "with an error"}` };
  }
}

/** What is no UTF-8 text is left out: no header could hold it. */
function decoded(key: string, text: string): [string, string][] {
  try {
    return [[key, decoder.decode(Buffer.from(text, "base64"))]];
  } catch {
    return [];
  }
}
