import type { ClusterRegistration } from "@sightline/shared/api";
import { mayUse, USE_RIGHT, type Usable } from "../security/rights/usable.ts";
import { matchesGlob } from "./globs.ts";
import { formatSelector, type Labels, matchesSelector } from "./label-selector.ts";
import { namespaceRefusal } from "./namespaces.ts";
import type { Placement } from "./placement.ts";
import { chooseSpread } from "./rendezvous.ts";
import { formatTaint, type Taint, untolerated } from "./taints.ts";

/** Whether a cluster was chosen for a monitor, and why or why not. */
export type Choice =
  | { cluster: string; chosen: true; message: string }
  /** `reason` is CamelCase and counted; `message` says it of this cluster. */
  | { cluster: string; chosen: false; reason: RefusalReason; message: string };

/** Why a cluster was left out, in few words, as sums tell it. Each stands in docs/use with what to do about it. */
const SUMMARY = {
  BeingDeleted: "being deleted",
  NotAccepted: "not accepted",
  NamespaceNotAllowed: "not letting this namespace in",
  NameNotAsked: "not named by the clusters annotation",
  NameExcluded: "excluded by the clusters annotation",
  LabelsDiffer: "not matched by the cluster selector",
  RegionDiffers: "in another region",
  EnvironmentDiffers: "of another environment",
  Tainted: "tainted",
  TaintedForNew: "tainted for new monitors",
  NotAuthorized: "not to be used by the monitor's author",
  OverMaximum: "over max-clusters",
  PlacementUnreadable: "not asked, since the placement cannot be read",
} as const;

export type RefusalReason = keyof typeof SUMMARY;

/** All of them, for the documentation's test. */
export const REFUSAL_REASONS: readonly string[] = Object.keys(SUMMARY);

/** For whom clusters are chosen. */
export interface Subject {
  namespace: string;
  name: string;
  /** Labels of the namespace; undefined when no such namespace is known. */
  namespaceLabels: Labels | undefined;
  /** Clusters where the monitor runs now. */
  running: ReadonlySet<string>;
  /** Who asked for it; undefined where nobody's rights are looked at. */
  author?: Author | undefined;
}

/** In whose name a monitor runs. */
export interface Author {
  name: string;
  usable: Usable;
}

interface Refusal {
  reason: RefusalReason;
  message: string;
}

interface Question {
  placement: Placement;
  subject: Subject;
}

type Term = (question: Question, registration: ClusterRegistration) => Refusal | undefined;

/** In this order; the first that refuses is told. What max-clusters leaves out comes after all of them. */
const TERMS: readonly Term[] = [beingDeleted, notAccepted, namespaceNotAllowed, nameNotAsked, nameExcluded, labelsDiffer, regionDiffers, environmentDiffers, tainted, notAuthorized];

/** Decides for every registered cluster, sorted by name. Pure, and the same whatever the order of the registrations. */
export function select(placement: Placement, registrations: readonly ClusterRegistration[], subject: Subject): Choice[] {
  const question = { placement, subject };
  const judged = registrations.map((registration) => ({ registration, refusal: firstRefusal(question, registration) }));
  const matching = judged.filter(({ refusal }) => refusal === undefined).map(({ registration }) => registration);
  const kept = limited(question, matching);
  const over = overMaximum(placement, matching.length);
  const choices = judged.map(({ registration, refusal }): Choice => {
    const cluster = registration.metadata.name;
    const why = refusal ?? (kept === undefined || kept.has(cluster) ? undefined : over);
    return why === undefined ? { cluster, chosen: true, message: whyChosen(placement, matching.length) } : { cluster, chosen: false, ...why };
  });
  return choices.toSorted((a, b) => (a.cluster < b.cluster ? -1 : 1));
}

/** Names of the chosen clusters, in the order of the choices. */
export function chosen(choices: readonly Choice[]): string[] {
  return choices.filter((choice) => choice.chosen).map(({ cluster }) => cluster);
}

/** Why no cluster was chosen, to stand after "No cluster is assigned: ". Without a full stop. */
export function noClusterReason(choices: readonly Choice[]): string {
  const counts = new Map<RefusalReason, number>();
  for (const choice of choices) if (!choice.chosen) counts.set(choice.reason, (counts.get(choice.reason) ?? 0) + 1);
  const total = choices.length;
  if (total === 0) return "no cluster is registered";
  const parts = [...counts].map(([reason, count]) => `${count} ${SUMMARY[reason]}`);
  return `none of ${total} registered ${total === 1 ? "cluster" : "clusters"} matches (${parts.join(", ")})`;
}

function firstRefusal(question: Question, registration: ClusterRegistration): Refusal | undefined {
  for (const term of TERMS) {
    const refusal = term(question, registration);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function beingDeleted(_question: Question, { metadata }: ClusterRegistration): Refusal | undefined {
  return metadata.deletionTimestamp === undefined ? undefined : { reason: "BeingDeleted", message: "its registration is being deleted" };
}

function notAccepted(_question: Question, { spec }: ClusterRegistration): Refusal | undefined {
  return spec.accepted === true ? undefined : { reason: "NotAccepted", message: "its registration is not accepted (spec.accepted is not true)" };
}

function namespaceNotAllowed({ subject }: Question, { spec }: ClusterRegistration): Refusal | undefined {
  const message = namespaceRefusal(spec.namespaceSelector, subject.namespace, subject.namespaceLabels);
  return message === undefined ? undefined : { reason: "NamespaceNotAllowed", message };
}

function nameNotAsked({ placement: { clusters } }: Question, { metadata }: ClusterRegistration): Refusal | undefined {
  if (clusters === undefined || clusters.include.length === 0) return undefined;
  if (clusters.include.some((glob) => matchesGlob(glob, metadata.name))) return undefined;
  return { reason: "NameNotAsked", message: `its name matches none of ${clusters.include.join(", ")}` };
}

function nameExcluded({ placement: { clusters } }: Question, { metadata }: ClusterRegistration): Refusal | undefined {
  const glob = clusters?.exclude.find((pattern) => matchesGlob(pattern, metadata.name));
  return glob === undefined ? undefined : { reason: "NameExcluded", message: `its name is excluded by !${glob}` };
}

function labelsDiffer({ placement: { selector } }: Question, { metadata }: ClusterRegistration): Refusal | undefined {
  if (selector === undefined || matchesSelector(selector, metadata.labels ?? {})) return undefined;
  const missed = selector.filter((requirement) => !matchesSelector([requirement], metadata.labels ?? {}));
  return { reason: "LabelsDiffer", message: `its labels do not match ${formatSelector(missed)}` };
}

function regionDiffers({ placement: { regions } }: Question, { spec }: ClusterRegistration): Refusal | undefined {
  if (regions === undefined || regions.includes(spec.region ?? "")) return undefined;
  return { reason: "RegionDiffers", message: `its region ${described(spec.region)} is not among ${regions.join(", ")}` };
}

function environmentDiffers({ placement: { environments } }: Question, { spec }: ClusterRegistration): Refusal | undefined {
  if (environments === undefined || environments.includes(spec.environment ?? "")) return undefined;
  return { reason: "EnvironmentDiffers", message: `its environment ${described(spec.environment)} is not among ${environments.join(", ")}` };
}

function tainted({ placement, subject }: Question, { metadata, spec }: ClusterRegistration): Refusal | undefined {
  const taint = untolerated(spec.taints ?? [], placement.tolerations ?? [], subject.running.has(metadata.name));
  return taint === undefined ? undefined : taintRefusal(taint);
}

function taintRefusal(taint: Taint): Refusal {
  const forAll = taint.effect === "NoSelect";
  const effect = forAll ? "" : ", which keeps out what does not run there yet,";
  return { reason: forAll ? "Tainted" : "TaintedForNew", message: `its taint ${formatTaint(taint)}${effect} is not tolerated` };
}

/** After all that the monitor itself asks: only these rights are asked for, and only where they matter. */
function notAuthorized({ subject: { author } }: Question, { metadata }: ClusterRegistration): Refusal | undefined {
  if (author === undefined || mayUse(author.usable, metadata.name)) return undefined;
  return { reason: "NotAuthorized", message: `${author.name}, who asked for the monitor, may not use it (${USE_RIGHT})` };
}

/** Those that are taken; undefined when all are. */
function limited({ placement, subject }: Question, matching: readonly ClusterRegistration[]): Set<string> | undefined {
  const { maxClusters, spreadBy } = placement;
  if (maxClusters === undefined || matching.length <= maxClusters) return undefined;
  const candidates = matching.map((registration) => ({ cluster: registration.metadata.name, group: groupOf(registration, spreadBy) }));
  // By name, not by UID: a monitor that is made again, from a backup say, goes where it was.
  return chooseSpread(`${subject.namespace}/${subject.name}`, candidates, maxClusters);
}

/** Clusters without the value are one group of their own. */
function groupOf({ metadata, spec }: ClusterRegistration, spreadBy: string | undefined): string {
  if (spreadBy === undefined) return "";
  if (spreadBy === "region" || spreadBy === "environment") return spec[spreadBy] ?? "";
  const labels = metadata.labels ?? {};
  return Object.hasOwn(labels, spreadBy) ? (labels[spreadBy] ?? "") : "";
}

function overMaximum({ maxClusters = 0, spreadBy }: Placement, matching: number): Refusal {
  return { reason: "OverMaximum", message: `it matches, but only ${maxClusters} of ${matching} matching clusters are taken${spreadText(spreadBy)}, and others come first` };
}

function whyChosen({ maxClusters, spreadBy, ...terms }: Placement, matching: number): string {
  const asked = Object.keys(terms).length > 0 ? "it meets every term" : "nothing keeps the monitor out";
  if (maxClusters === undefined || matching <= maxClusters) return asked;
  return `${asked}, and it is one of the ${maxClusters} of ${matching} that are taken${spreadText(spreadBy)}`;
}

function spreadText(spreadBy: string | undefined): string {
  return spreadBy === undefined ? "" : ` (spread by ${spreadBy})`;
}

function described(value: string | undefined): string {
  return value === undefined || value === "" ? "(none)" : value;
}
