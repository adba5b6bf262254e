/**
 * What a whole installation has in the hub's API server, as this version applies it. For programs that compare: it is
 * large, so it has an entry of its own.
 */
export { DEFINITIONS, HUB_RULES } from "./generated/installation.ts";

/** A CustomResourceDefinition. */
export interface InstalledDefinition {
  name: string;
  spec: Readonly<Record<string, unknown>>;
}

/** A rule of a Role (`namespace`: the hub's own) or ClusterRole that the hub's ServiceAccount is bound to. */
export interface InstalledRule {
  scope: "cluster" | "namespace";
  apiGroups: readonly string[];
  resources: readonly string[];
  resourceNames?: readonly string[];
  verbs: readonly string[];
}
