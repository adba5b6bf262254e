import { type ClusterRegistration, type HTTPMonitor, type MonitorPolicy, type Namespace, parseClusterRegistration, parseHTTPMonitor, parseMonitorPolicy, parseNamespace } from "@sightline/shared/api";
import type { KubeClient } from "../kube/client.ts";
import { isKubeError, KubeError, unlessNotFound } from "../kube/errors.ts";
import { listField } from "../kube/raw.ts";
import { CLUSTER_REGISTRATIONS, collectionPath, HTTP_MONITORS, MONITOR_POLICIES, NAMESPACES, objectPath, type Resource } from "../kube/resources.ts";
import { olderMonitors } from "../security/policy/older-monitors.ts";
import type { ExplainView } from "./explain.ts";
import { readRecordView } from "./read-record.ts";

/** Reads all that an explanation needs. @throws KubeError, or ObjectError for an object that does not follow its schema. */
export async function readView(client: KubeClient, { namespace, name }: { namespace: string; name: string }): Promise<ExplainView> {
  const [found, registrations, policies] = await Promise.all([getObject(client, HTTP_MONITORS, { namespace, name }), listRegistrations(client), listPolicies(client)]);
  if (found === undefined) throw new KubeError("NOT_FOUND", `HTTPMonitor ${namespace}/${name} does not exist`);
  const monitor = parseHTTPMonitor(found);
  // App teams may often not read their namespace object: it is asked for only where somebody asks its labels.
  const asksLabels = [...registrations, ...(policies ?? [])].some(({ spec }) => spec.namespaceSelector !== undefined);
  const record = await readRecordView(client, monitor, registrations.map(({ metadata }) => metadata.name));
  const counts = policies?.some(({ spec }) => spec.allow.maxMonitors !== undefined) === true;
  return {
    monitor,
    registrations,
    namespace: asksLabels ? await readNamespace(client, namespace) : undefined,
    ...(record === undefined ? {} : { record }),
    ...(policies === undefined ? {} : { policies }),
    ...(counts ? { olderMonitors: olderMonitors(await listMonitors(client, namespace), monitor.metadata) } : {}),
  };
}

/** Undefined for somebody who may not read them. */
async function listPolicies(client: KubeClient): Promise<MonitorPolicy[] | undefined> {
  try {
    const answer = await client.request({ action: "list MonitorPolicies", method: "GET", path: collectionPath(MONITOR_POLICIES) });
    return listField(answer, "items").map((item) => parseMonitorPolicy(item));
  } catch (error) {
    if (isKubeError(error, "FORBIDDEN", "NOT_FOUND")) return undefined;
    throw error;
  }
}

async function listMonitors(client: KubeClient, namespace: string): Promise<HTTPMonitor[]> {
  const answer = await client.request({ action: "list HTTPMonitors", method: "GET", path: collectionPath(HTTP_MONITORS, namespace) });
  return listField(answer, "items").map((item) => parseHTTPMonitor(item));
}

async function readNamespace(client: KubeClient, name: string): Promise<Namespace | undefined> {
  const found = await getObject(client, NAMESPACES, { name });
  return found === undefined ? undefined : parseNamespace(found);
}

function getObject(client: KubeClient, resource: Resource, object: { namespace?: string; name: string }): Promise<unknown> {
  const action = `read ${resource.kind} ${object.name}`;
  return unlessNotFound(client.request({ action, method: "GET", path: objectPath(resource, object) }));
}

async function listRegistrations(client: KubeClient): Promise<ClusterRegistration[]> {
  const answer = await client.request({ action: "list ClusterRegistrations", method: "GET", path: collectionPath(CLUSTER_REGISTRATIONS) });
  return listField(answer, "items").map((item) => parseClusterRegistration(item));
}
