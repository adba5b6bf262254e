import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { at, textAt } from "../../kit/json.ts";
import type { Stage } from "../../kit/sandbox.ts";

const RBAC = "rbac.authorization.k8s.io";
const BINDINGS = `apis/${RBAC}/v1/clusterrolebindings`;

/** The right to write monitors of a namespace. */
export function tenantOf(namespace: string, user: string): object {
  return { apiVersion: `${RBAC}/v1`, kind: "RoleBinding", metadata: { name: user, namespace }, ...granting("sightline-tenant", user) };
}

/** A role by which some clusters may be used. */
export function useRole(name: string, clusters: readonly string[]): object {
  return { apiVersion: `${RBAC}/v1`, kind: "ClusterRole", metadata: { name }, rules: [{ apiGroups: ["monitoring.example.com"], resources: ["clusterregistrations"], resourceNames: clusters, verbs: ["use"] }] };
}

export function clusterBinding(role: string, user: string): object {
  return { apiVersion: `${RBAC}/v1`, kind: "ClusterRoleBinding", metadata: { name: `${role}-${user}` }, ...granting(role, user) };
}

export async function unbind({ sandbox }: Stage, role: string, user: string): Promise<void> {
  await sandbox.kube.client.delete(`${BINDINGS}/${role}-${user}`);
}

function granting(role: string, user: string): object {
  return { roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: role }, subjects: [{ apiGroup: RBAC, kind: "User", name: user }] };
}

export function monitorPolicy(name: string, allow: object, tenantLabel: string): object {
  return { apiVersion: "monitoring.example.com/v1", kind: "MonitorPolicy", metadata: { name }, spec: { namespaceSelector: { matchLabels: { tenant: tenantLabel } }, allow } };
}

/** What the audit log of the first hub says about an object, oldest first. */
export async function auditOf({ sandbox }: Stage, name: string): Promise<unknown[]> {
  const hub = sandbox.state.hubs[0]?.name ?? "";
  const text = await readFile(join(sandbox.dir, "logs", `${hub}-audit.log`), "utf8");
  const lines = text.split("\n").filter((line) => line !== "").map((line): unknown => JSON.parse(line));
  return lines.filter((line) => textAt(line, "resource", "name") === name);
}

/** `operation user outcome` of each. */
export function outcomes(entries: readonly unknown[]): string[] {
  return entries.map((entry) => `${textAt(entry, "operation") ?? ""} ${textAt(entry, "user", "name") ?? ""} ${textAt(entry, "outcome") ?? ""}${at(entry, "dryRun") === true ? " dryRun" : ""}`);
}
