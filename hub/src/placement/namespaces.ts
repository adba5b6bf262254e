import type { ClusterRegistration } from "@sightline/shared/api";
import { formatSelector, type Labels, matchesSelector, type Requirement } from "./label-selector.ts";

/** A standard label selector object (metav1.LabelSelector). */
export type NamespaceSelector = NonNullable<ClusterRegistration["spec"]["namespaceSelector"]>;

/** Whether a cluster lets monitors of a namespace run there, or why not. `labels` is undefined for an unknown namespace. */
export function namespaceRefusal(selector: NamespaceSelector | undefined, namespace: string, labels: Labels | undefined): string | undefined {
  const requirements = selector === undefined ? [] : requirementsOf(selector);
  if (requirements.length === 0) return undefined;
  // An unknown namespace has no labels that could be asked; it is not let in by a mere "does not exist".
  if (labels === undefined) return `it lets in only some namespaces, and the labels of ${namespace} are not known`;
  const missed = requirements.filter((requirement) => !matchesSelector([requirement], labels));
  return missed.length === 0 ? undefined : `it does not let in the namespace ${namespace}, whose labels do not match ${formatSelector(missed)}`;
}

/** As metav1.LabelSelectorAsSelector: all of both parts must hold. */
function requirementsOf({ matchLabels = {}, matchExpressions = [] }: NamespaceSelector): Requirement[] {
  const equal = Object.entries(matchLabels).map(([key, value]): Requirement => ({ key, operator: "in", values: [value] }));
  return [...equal, ...matchExpressions.map((expression) => requirementOf(expression))];
}

function requirementOf({ key, operator, values = [] }: NonNullable<NamespaceSelector["matchExpressions"]>[number]): Requirement {
  switch (operator) {
    case "In":
      return { key, operator: "in", values };
    case "NotIn":
      return { key, operator: "notin", values };
    case "Exists":
      return { key, operator: "exists" };
    case "DoesNotExist":
      return { key, operator: "absent" };
  }
}
