import { parse, parseAllDocuments } from "yaml";
import { HUB_SERVICE_ACCOUNT } from "../src/api/names.ts";
import { asList, asObject, type Schema } from "./crd.ts";

/** One module with what is applied to the hub's API server: the CRDs, and the rules by which its ServiceAccount may act. */
export function generateInstallation(crds: readonly string[], rights: string): string {
  const definitions = crds.map((text) => {
    const { metadata, spec } = asObject(parse(text), "CRD");
    return { name: asObject(metadata, "metadata")["name"], spec };
  });
  const objects = parseAllDocuments(rights).map((document) => asObject(document.toJS(), "object"));
  return [
    "// Generated from crds/ and deploy/kustomize/rbac.yaml by `pnpm generate`. Do not edit.",
    'import type { InstalledDefinition, InstalledRule } from "../installation.ts";',
    "",
    `export const DEFINITIONS: readonly InstalledDefinition[] = ${JSON.stringify(definitions, null, 1)};`,
    "",
    `export const HUB_RULES: readonly InstalledRule[] = ${JSON.stringify(rulesOf(objects), null, 1)};`,
    "",
  ].join("\n");
}

/** The rules of the roles that are bound to the hub's ServiceAccount. */
function rulesOf(objects: readonly Schema[]): Schema[] {
  const bound = new Set(objects.filter(isBinding).map((binding) => keyOf(asObject(binding["roleRef"], "roleRef"))));
  return objects.filter((object) => bound.has(keyOf({ kind: object["kind"], name: asObject(object["metadata"], "metadata")["name"] }))).flatMap((role) => {
    const scope = role["kind"] === "ClusterRole" ? "cluster" : "namespace";
    return asList(role["rules"], "rules").map((rule) => ({ scope, ...asObject(rule, "rule") }));
  });
}

function isBinding({ kind, subjects }: Schema): boolean {
  if (kind !== "RoleBinding" && kind !== "ClusterRoleBinding") return false;
  return asList(subjects, "subjects").some((subject) => asObject(subject, "subject")["name"] === HUB_SERVICE_ACCOUNT);
}

function keyOf({ kind, name }: Schema): string {
  return `${String(kind)}/${String(name)}`;
}
