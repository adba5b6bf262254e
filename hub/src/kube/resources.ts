import { API_GROUP, API_VERSION } from "@sightline/shared/api";

/** One kind of Kubernetes object: where it lives in the API. Every path to the API server is built here. */
export interface Resource {
  /** Lower case, for messages and metrics. */
  name: string;
  kind: string;
  apiVersion: string;
  plural: string;
  namespaced: boolean;
}

const ours = { apiVersion: `${API_GROUP}/${API_VERSION}` };
const core = { apiVersion: "v1" };

export const HTTP_MONITORS: Resource = { ...ours, name: "httpmonitor", kind: "HTTPMonitor", plural: "httpmonitors", namespaced: true };
export const CLUSTER_REGISTRATIONS: Resource = {
  ...ours,
  name: "clusterregistration",
  kind: "ClusterRegistration",
  plural: "clusterregistrations",
  namespaced: false,
};
export const MONITOR_POLICIES: Resource = { ...ours, name: "monitorpolicy", kind: "MonitorPolicy", plural: "monitorpolicies", namespaced: false };
export const CONFIG_MAPS: Resource = { ...core, name: "configmap", kind: "ConfigMap", plural: "configmaps", namespaced: true };
export const SECRETS: Resource = { ...core, name: "secret", kind: "Secret", plural: "secrets", namespaced: true };
export const NAMESPACES: Resource = { ...core, name: "namespace", kind: "Namespace", plural: "namespaces", namespaced: false };
export const LEASES: Resource = { apiVersion: "coordination.k8s.io/v1", name: "lease", kind: "Lease", plural: "leases", namespaced: true };
export const EVENTS: Resource = { ...core, name: "event", kind: "Event", plural: "events", namespaced: true };

const rbac = { apiVersion: "rbac.authorization.k8s.io/v1", namespaced: false };
export const CLUSTER_ROLES: Resource = { ...rbac, name: "clusterrole", kind: "ClusterRole", plural: "clusterroles" };
export const CLUSTER_ROLE_BINDINGS: Resource = { ...rbac, name: "clusterrolebinding", kind: "ClusterRoleBinding", plural: "clusterrolebindings" };

/** Which object: `namespace` is absent for cluster-scoped kinds. */
export interface ObjectName {
  namespace?: string;
  name: string;
}

/** All objects of a kind, or those of one namespace. */
export function collectionPath(resource: Resource, namespace?: string): string {
  const root = resource.apiVersion.includes("/") ? `/apis/${resource.apiVersion}` : `/api/${resource.apiVersion}`;
  const space = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${space}/${resource.plural}`;
}

/** One object, or its `/status`. */
export function objectPath(resource: Resource, { namespace, name }: ObjectName, subresource?: "status"): string {
  const path = `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** The key of an object in queues and caches: `namespace/name`, or `name` where there is no namespace. */
export function keyOf({ namespace, name }: ObjectName): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

export function parseKey(key: string): ObjectName {
  const slash = key.indexOf("/");
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
