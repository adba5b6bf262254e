import { type ClusterRegistration, type Namespace, parseClusterRegistration, parseHTTPMonitor, parseNamespace } from "@sightline/shared/api";
import type { KubeClient } from "../kube/client.ts";
import { KubeError, unlessNotFound } from "../kube/errors.ts";
import { listField } from "../kube/raw.ts";
import { CLUSTER_REGISTRATIONS, collectionPath, HTTP_MONITORS, NAMESPACES, objectPath, type Resource } from "../kube/resources.ts";
import type { ExplainView } from "./explain.ts";

/** Reads all that an explanation needs. @throws KubeError, or ObjectError for an object that does not follow its schema. */
export async function readView(client: KubeClient, { namespace, name }: { namespace: string; name: string }): Promise<ExplainView> {
  const [monitor, registrations] = await Promise.all([getObject(client, HTTP_MONITORS, { namespace, name }), listRegistrations(client)]);
  if (monitor === undefined) throw new KubeError("NOT_FOUND", `HTTPMonitor ${namespace}/${name} does not exist`);
  // App teams may often not read their namespace object: it is asked for only where somebody asks its labels.
  const asksLabels = registrations.some(({ spec }) => spec.namespaceSelector !== undefined);
  return { monitor: parseHTTPMonitor(monitor), registrations, namespace: asksLabels ? await readNamespace(client, namespace) : undefined };
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
