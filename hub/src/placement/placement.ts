import { contentHash, messageOf } from "@sightline/shared";
import { PLACEMENT_ANNOTATIONS } from "@sightline/shared/api";
import { isGlob } from "./globs.ts";
import { AnnotationProblem, items } from "./items.ts";
import { isLabelKey, parseSelector, type Requirement } from "./label-selector.ts";
import { parseTolerations, type Toleration, TOLERATES_ALL } from "./taints.ts";

/** Where a monitor is to be probed from. Every term that is there must hold; without any, every cluster matches. */
export interface Placement {
  clusters?: { include: string[]; exclude: string[] };
  selector?: Requirement[];
  regions?: string[];
  environments?: string[];
  tolerations?: readonly Toleration[];
  /** At most so many of the clusters that match. */
  maxClusters?: number;
  /** What they are spread over evenly: `region`, `environment`, or the key of a label. */
  spreadBy?: string;
}

/** A placement, or a sentence that says which annotation is wrong, where, and what would be right. */
export type ParsedPlacement =
  | { valid: true; placement: Placement }
  /** What of it still says where the monitor may stay: nothing that runs is withdrawn because of what cannot be read. */
  | { valid: false; problem: string; tolerations: readonly Toleration[] };

type Annotations = Readonly<Record<string, string>>;

/** One line for each annotation that places; others, also of our own prefix, are left alone. */
const TERMS: readonly { annotation: string; read: (text: string, annotations: Annotations) => Placement }[] = [
  { annotation: PLACEMENT_ANNOTATIONS.clusters, read: (text) => ({ clusters: clusterTerms(text) }) },
  { annotation: PLACEMENT_ANNOTATIONS.clusterSelector, read: (text) => ({ selector: parseSelector(text) }) },
  { annotation: PLACEMENT_ANNOTATIONS.regions, read: (text) => ({ regions: values(text, "eu-west-1,us-east-1") }) },
  { annotation: PLACEMENT_ANNOTATIONS.environments, read: (text) => ({ environments: values(text, "production,staging") }) },
  { annotation: PLACEMENT_ANNOTATIONS.tolerations, read: (text) => ({ tolerations: parseTolerations(text) }) },
  { annotation: PLACEMENT_ANNOTATIONS.maxClusters, read: (text) => ({ maxClusters: positive(text) }) },
  { annotation: PLACEMENT_ANNOTATIONS.spreadBy, read: (text, annotations) => ({ spreadBy: spread(text, annotations) }) },
];

/** Reads the placement annotations of a monitor. */
export function parsePlacement(annotations: Annotations = {}): ParsedPlacement {
  let placement: Placement = {};
  for (const { annotation, read } of TERMS) {
    const text = annotations[annotation];
    if (text === undefined) continue;
    try {
      placement = { ...placement, ...read(text, annotations) };
    } catch (error) {
      return { valid: false, problem: `annotation ${annotation} is invalid: ${messageOf(error)}`, tolerations: readableTolerations(annotations) };
    }
  }
  return { valid: true, placement };
}

/** Identity of the placement annotations: annotations do not raise metadata.generation. */
export function placementHash(annotations: Annotations | undefined): string {
  return contentHash(TERMS.map(({ annotation }) => [annotation, annotations?.[annotation] ?? null]));
}

function readableTolerations(annotations: Annotations): readonly Toleration[] {
  const text = annotations[PLACEMENT_ANNOTATIONS.tolerations];
  try {
    return text === undefined ? [] : parseTolerations(text);
  } catch {
    return TOLERATES_ALL;
  }
}

function clusterTerms(text: string): { include: string[]; exclude: string[] } {
  const include: string[] = [];
  const exclude: string[] = [];
  for (const item of items(text, "eu-1,us-*,!us-canary")) {
    const excluded = item.startsWith("!");
    const glob = excluded ? item.slice(1).trim() : item;
    if (!isGlob(glob)) {
      throw new AnnotationProblem(`${JSON.stringify(item)} is not a cluster name or glob: lower-case letters, digits, "-", "*" and "?", such as eu-1, us-* or !us-canary`);
    }
    (excluded ? exclude : include).push(glob);
  }
  return { include, exclude };
}

const VALUE = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

function values(text: string, example: string): string[] {
  const found = items(text, example);
  const wrong = found.find((item) => !VALUE.test(item) || item.length > 63);
  if (wrong !== undefined) throw new AnnotationProblem(`${JSON.stringify(wrong)} is not a name: at most 63 letters, digits, "-", "_" and ".", such as ${example}`);
  return found;
}

/** More clusters than anybody has still are a number; more digits than these are a slip. */
const POSITIVE = /^[1-9][0-9]{0,8}$/;

function positive(text: string): number {
  if (POSITIVE.test(text.trim())) return Number(text);
  throw new AnnotationProblem(`${JSON.stringify(text)} is not a whole number from 1, such as 3`);
}

function spread(text: string, annotations: Annotations): string {
  const by = text.trim();
  if (!isLabelKey(by)) throw new AnnotationProblem(`${JSON.stringify(text)} is neither region, environment nor the key of a label, such as example.com/zone`);
  if (annotations[PLACEMENT_ANNOTATIONS.maxClusters] !== undefined) return by;
  throw new AnnotationProblem(`it spreads the clusters that ${PLACEMENT_ANNOTATIONS.maxClusters} leaves: give that annotation too, or remove this one`);
}
