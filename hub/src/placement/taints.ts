import type { ClusterRegistration } from "@sightline/shared/api";
import { AnnotationProblem, items } from "./items.ts";
import { isLabelKey, isLabelValue } from "./label-selector.ts";

export type Taint = NonNullable<ClusterRegistration["spec"]["taints"]>[number];

/** A toleration holds for taints of its key and, where it has one, its value. Without a key it holds for every taint. */
export interface Toleration {
  key?: string;
  value?: string;
}

/** What is borne while nobody can read which taints a monitor tolerates: what runs must go on. */
export const TOLERATES_ALL: readonly Toleration[] = [{}];

const EXAMPLE = "maintenance,edge=true";

/** Reads `maintenance,edge=true`: a key alone tolerates any value. @throws AnnotationProblem */
export function parseTolerations(text: string): Toleration[] {
  return items(text, EXAMPLE).map((item) => toleration(item));
}

/** The first taint that keeps a monitor out. `NoSelectIfNew` keeps nobody out who runs there already. */
export function untolerated(taints: readonly Taint[], tolerations: readonly Toleration[], runsThere: boolean): Taint | undefined {
  return taints.find((taint) => !(taint.effect === "NoSelectIfNew" && runsThere) && !tolerations.some((toleration) => tolerates(toleration, taint)));
}

/** `key=value:effect`, or `key:effect`, as kubectl writes the taints of nodes. */
export function formatTaint({ key, value = "", effect }: Taint): string {
  return `${key}${value === "" ? "" : `=${value}`}:${effect}`;
}

function toleration(item: string): Toleration {
  const [key = "", value, ...rest] = item.split("=").map((part) => part.trim());
  if (!isLabelKey(key) || !isLabelValue(value ?? "") || rest.length > 0) {
    throw new AnnotationProblem(`${JSON.stringify(item)} is not a toleration: give the key of a taint, or key=value, such as ${EXAMPLE}`);
  }
  return value === undefined ? { key } : { key, value };
}

function tolerates({ key, value }: Toleration, taint: Taint): boolean {
  return (key === undefined || key === taint.key) && (value === undefined || value === (taint.value ?? ""));
}
