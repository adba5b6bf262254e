import { contentHash, messageOf } from "@sightline/shared";
import { PLACEMENT_ANNOTATIONS } from "@sightline/shared/api";
import { isGlob } from "./globs.ts";
import { parseSelector, type Requirement } from "./label-selector.ts";

/** Where a monitor is to be probed from. Every term that is there must hold; without any, every cluster matches. */
export interface Placement {
  clusters?: { include: string[]; exclude: string[] };
  selector?: Requirement[];
  regions?: string[];
  environments?: string[];
}

/** A placement, or a sentence that says which annotation is wrong, where, and what would be right. */
export type ParsedPlacement = { valid: true; placement: Placement } | { valid: false; problem: string };

type Annotations = Readonly<Record<string, string>>;

class AnnotationProblem extends Error {
  override readonly name = "AnnotationProblem";
}

/** One line for each annotation that places; others, also of our own prefix, are left alone. */
const TERMS: readonly { annotation: string; read: (text: string) => Placement }[] = [
  { annotation: PLACEMENT_ANNOTATIONS.clusters, read: (text) => ({ clusters: clusterTerms(text) }) },
  { annotation: PLACEMENT_ANNOTATIONS.clusterSelector, read: (text) => ({ selector: parseSelector(text) }) },
  { annotation: PLACEMENT_ANNOTATIONS.regions, read: (text) => ({ regions: values(text, "eu-west-1,us-east-1") }) },
  { annotation: PLACEMENT_ANNOTATIONS.environments, read: (text) => ({ environments: values(text, "production,staging") }) },
];

/** Reads the placement annotations of a monitor. */
export function parsePlacement(annotations: Annotations | undefined): ParsedPlacement {
  let placement: Placement = {};
  for (const { annotation, read } of TERMS) {
    const text = annotations?.[annotation];
    if (text === undefined) continue;
    try {
      placement = { ...placement, ...read(text) };
    } catch (error) {
      return { valid: false, problem: `annotation ${annotation} is invalid: ${messageOf(error)}` };
    }
  }
  return { valid: true, placement };
}

/** Identity of the placement annotations: annotations do not raise metadata.generation. */
export function placementHash(annotations: Annotations | undefined): string {
  return contentHash(TERMS.map(({ annotation }) => [annotation, annotations?.[annotation] ?? null]));
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

/** The parts between commas. An empty part is a slip, and an empty text would silently mean "nowhere" or "everywhere". */
function items(text: string, example: string): string[] {
  const parts = text.split(",").map((part) => part.trim());
  const empty = parts.indexOf("");
  if (parts.length === 1 && empty === 0) throw new AnnotationProblem(`it is empty: give names such as ${example}, or remove the annotation`);
  if (empty >= 0) throw new AnnotationProblem(`its item ${empty + 1} is empty: give names separated by single commas, such as ${example}`);
  return parts;
}
