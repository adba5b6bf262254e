import type { ClusterRegistration } from "@sightline/shared/api";
import { matchesGlob } from "./globs.ts";
import { formatSelector, matchesSelector } from "./label-selector.ts";
import type { Placement } from "./placement.ts";

/** Whether a cluster was chosen for a monitor, or why not. */
export type Choice =
  | { cluster: string; chosen: true }
  /** `reason` is CamelCase and counted; `message` says it of this cluster. */
  | { cluster: string; chosen: false; reason: RefusalReason; message: string };

export type RefusalReason = "NotAccepted" | "BeingDeleted" | "NameNotAsked" | "NameExcluded" | "LabelsDiffer" | "RegionDiffers" | "EnvironmentDiffers";

interface Refusal {
  reason: RefusalReason;
  message: string;
}

type Term = (placement: Placement, registration: ClusterRegistration) => Refusal | undefined;

/** In this order; the first that refuses is told. */
const TERMS: readonly Term[] = [beingDeleted, notAccepted, nameNotAsked, nameExcluded, labelsDiffer, regionDiffers, environmentDiffers];

/**
 * Decides for every registered cluster, sorted by name. `namespace` is the monitor's; every cluster lets every namespace
 * in so far.
 */
export function select(placement: Placement, registrations: readonly ClusterRegistration[], _namespace: string): Choice[] {
  return registrations
    .map((registration) => choose(placement, registration))
    .toSorted((a, b) => (a.cluster < b.cluster ? -1 : 1));
}

/** Names of the chosen clusters, in the order of the choices. */
export function chosen(choices: readonly Choice[]): string[] {
  return choices.filter((choice) => choice.chosen).map(({ cluster }) => cluster);
}

/** Whether a cluster may run anything at all. */
export function isOpen(registration: ClusterRegistration): boolean {
  return registration.spec.accepted === true && registration.metadata.deletionTimestamp === undefined;
}

const SUMMARY: Record<RefusalReason, string> = {
  NotAccepted: "not accepted",
  BeingDeleted: "being deleted",
  NameNotAsked: "not named by the clusters annotation",
  NameExcluded: "excluded by the clusters annotation",
  LabelsDiffer: "not matched by the cluster selector",
  RegionDiffers: "in another region",
  EnvironmentDiffers: "of another environment",
};

/** Why no cluster was chosen, to stand after "No cluster is assigned: ". Without a full stop. */
export function noClusterReason(choices: readonly Choice[]): string {
  const counts = new Map<RefusalReason, number>();
  for (const choice of choices) if (!choice.chosen) counts.set(choice.reason, (counts.get(choice.reason) ?? 0) + 1);
  const total = choices.length;
  if (total === 0) return "no cluster is registered";
  const parts = [...counts].map(([reason, count]) => `${count} ${SUMMARY[reason]}`);
  return `none of ${total} registered ${total === 1 ? "cluster" : "clusters"} matches (${parts.join(", ")})`;
}

function choose(placement: Placement, registration: ClusterRegistration): Choice {
  const cluster = registration.metadata.name;
  for (const term of TERMS) {
    const refusal = term(placement, registration);
    if (refusal !== undefined) return { cluster, chosen: false, ...refusal };
  }
  return { cluster, chosen: true };
}

function beingDeleted(_placement: Placement, { metadata }: ClusterRegistration): Refusal | undefined {
  return metadata.deletionTimestamp === undefined ? undefined : { reason: "BeingDeleted", message: "its registration is being deleted" };
}

function notAccepted(_placement: Placement, { spec }: ClusterRegistration): Refusal | undefined {
  return spec.accepted === true ? undefined : { reason: "NotAccepted", message: "its registration is not accepted (spec.accepted is not true)" };
}

function nameNotAsked({ clusters }: Placement, { metadata }: ClusterRegistration): Refusal | undefined {
  if (clusters === undefined || clusters.include.length === 0) return undefined;
  if (clusters.include.some((glob) => matchesGlob(glob, metadata.name))) return undefined;
  return { reason: "NameNotAsked", message: `its name matches none of ${clusters.include.join(", ")}` };
}

function nameExcluded({ clusters }: Placement, { metadata }: ClusterRegistration): Refusal | undefined {
  const glob = clusters?.exclude.find((pattern) => matchesGlob(pattern, metadata.name));
  return glob === undefined ? undefined : { reason: "NameExcluded", message: `its name is excluded by !${glob}` };
}

function labelsDiffer({ selector }: Placement, { metadata }: ClusterRegistration): Refusal | undefined {
  if (selector === undefined || matchesSelector(selector, metadata.labels ?? {})) return undefined;
  const missed = selector.filter((requirement) => !matchesSelector([requirement], metadata.labels ?? {}));
  return { reason: "LabelsDiffer", message: `its labels do not match ${formatSelector(missed)}` };
}

function regionDiffers({ regions }: Placement, { spec }: ClusterRegistration): Refusal | undefined {
  if (regions === undefined || regions.includes(spec.region ?? "")) return undefined;
  return { reason: "RegionDiffers", message: `its region ${described(spec.region)} is not among ${regions.join(", ")}` };
}

function environmentDiffers({ environments }: Placement, { spec }: ClusterRegistration): Refusal | undefined {
  if (environments === undefined || environments.includes(spec.environment ?? "")) return undefined;
  return { reason: "EnvironmentDiffers", message: `its environment ${described(spec.environment)} is not among ${environments.join(", ")}` };
}

function described(value: string | undefined): string {
  return value === undefined || value === "" ? "(none)" : value;
}
