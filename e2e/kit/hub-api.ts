import { type HTTPMonitor, type HTTPMonitorStatus, parseClusterRegistration, parseHTTPMonitor, type ClusterRegistration } from "@sightline/shared/api";
import type { KubeClient } from "../sandbox/kube/client.ts";
import { at, listAt, textAt } from "./json.ts";
import { waitUntil } from "./wait.ts";

const BASE = "apis/monitoring.example.com/v1";

/** Every wait of a suite is on a condition; this bounds it, generously: a slow machine is no failure. */
const PATIENCE_MS = 60_000;

/** The hub's Kubernetes API as users see it: what tests and the demo create, read and wait for. */
export class HubApi {
  readonly #kube: KubeClient;

  constructor(kube: KubeClient) {
    this.#kube = kube;
  }

  async apply(...manifests: readonly object[]): Promise<void> {
    for (const manifest of manifests) await this.#kube.apply(manifest);
  }

  async ensureNamespace(name: string): Promise<void> {
    await this.#kube.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }

  async monitor(key: string): Promise<HTTPMonitor | undefined> {
    const found = await this.#kube.get(monitorPath(key));
    return found === undefined ? undefined : parseHTTPMonitor(found);
  }

  async monitors(namespace?: string): Promise<HTTPMonitor[]> {
    const path = namespace === undefined ? `${BASE}/httpmonitors` : `${BASE}/namespaces/${namespace}/httpmonitors`;
    return listAt(await this.#kube.get(path), "items").map((item) => parseHTTPMonitor(item));
  }

  async patchMonitor(key: string, change: object): Promise<void> {
    await this.#kube.patch(monitorPath(key), change);
  }

  async deleteMonitor(key: string): Promise<void> {
    await this.#kube.delete(monitorPath(key));
  }

  async registration(name: string): Promise<ClusterRegistration | undefined> {
    const found = await this.#kube.get(`${BASE}/clusterregistrations/${name}`);
    return found === undefined ? undefined : parseClusterRegistration(found);
  }

  async patchRegistration(name: string, change: object): Promise<void> {
    await this.#kube.patch(`${BASE}/clusterregistrations/${name}`, change);
  }

  /** The results ConfigMap as the API server stores it, or undefined. */
  async results(key: string): Promise<unknown> {
    const { namespace, name } = split(key);
    return this.#kube.get(`api/v1/namespaces/${namespace}/configmaps/${name}-results`);
  }

  /** Waits until the monitor's status satisfies `condition`, and returns it. */
  async untilStatus(key: string, what: string, condition: (status: HTTPMonitorStatus) => boolean): Promise<HTTPMonitorStatus> {
    let last: HTTPMonitorStatus | undefined;
    try {
      return await waitUntil({ what: `${key} to be ${what}`, timeoutMs: PATIENCE_MS, everyMs: 50 }, async () => {
        last = (await this.monitor(key))?.status;
        return last !== undefined && condition(last) ? last : undefined;
      });
    } catch (cause) {
      throw new Error(`${key} did not become ${what}; its status is ${JSON.stringify(last)}`, { cause });
    }
  }

  /** Waits for a verdict. */
  untilVerdict(key: string, verdict: string): Promise<HTTPMonitorStatus> {
    return this.untilStatus(key, verdict, ({ status }) => status === verdict);
  }

  /** Waits until the monitor is gone. */
  async untilGone(key: string): Promise<void> {
    await waitUntil({ what: `${key} to be gone`, timeoutMs: PATIENCE_MS }, async () => (await this.monitor(key)) === undefined);
  }

  /** Events about an object, as the API server stores them. */
  async eventsAbout(key: string): Promise<unknown[]> {
    const { namespace, name } = split(key);
    const events = listAt(await this.#kube.get(`api/v1/namespaces/${namespace}/events`), "items");
    return events.filter((event) => textAt(event, "involvedObject", "name") === name);
  }
}

/** Status of one condition of an object, or undefined when it has none of that type. */
export function conditionOf(object: unknown, type: string): { status: string; reason: string; message: string } | undefined {
  const found = listAt(object, "conditions").find((condition) => textAt(condition, "type") === type);
  if (found === undefined) return undefined;
  return { status: String(at(found, "status")), reason: String(at(found, "reason")), message: String(at(found, "message")) };
}

function monitorPath(key: string): string {
  const { namespace, name } = split(key);
  return `${BASE}/namespaces/${namespace}/httpmonitors/${name}`;
}

function split(key: string): { namespace: string; name: string } {
  const [namespace = "", name = ""] = key.split("/");
  return { namespace, name };
}
