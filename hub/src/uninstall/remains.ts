import { API_GROUP } from "@sightline/shared/api";

/** What each CRD is of: with it all of its objects go. */
const KINDS = { httpmonitors: "HTTPMonitor", clusterregistrations: "ClusterRegistration", monitorpolicies: "MonitorPolicy" };

/** All of deploy/kustomize/rbac.yaml that is in no namespace. */
const CLUSTER_ROLES = ["http-monitor-operator", "http-monitor-operator-leaks", "http-monitor-operator-secrets", "sightline-debug", "sightline-metrics", "sightline-tenant", "sightline-tenant-view", "sightline-use-all"];

/** What an uninstalled hub leaves in its cluster, and the commands that remove it. */
export function remains(hubNamespace: string, standbyHours: number): string {
  return [
    `Hubs that still run stand by for ${standbyHours} h: end them before that, or they put everything back.`,
    "Left in the cluster, and how to remove it:",
    `  kubectl delete crd ${Object.keys(KINDS).map((plural) => `${plural}.${API_GROUP}`).join(" ")}`,
    `      deletes every ${Object.values(KINDS).join(", every ")}`,
    `  kubectl delete namespace ${hubNamespace}`,
    "      deletes the installation's keys too: without a copy every agent has to join again",
    `  kubectl delete clusterrole,clusterrolebinding --ignore-not-found ${CLUSTER_ROLES.join(" ")}`,
    "      needless after helm uninstall, which deletes them itself; bindings of yours to them stay",
    "Agents run on with what they last held until they are removed from their clusters.",
  ].join("\n");
}
