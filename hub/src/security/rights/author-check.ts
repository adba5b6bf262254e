import { PLACEMENT_ANNOTATIONS } from "@sightline/shared/api";
import { isExactName } from "../../placement/globs.ts";
import { inReach, type PlacementView } from "../../placement/place.ts";
import { parsePlacement } from "../../placement/placement.ts";
import type { User } from "../access/authenticate.ts";
import { authorizationFailed } from "../errors.ts";
import { mayUse, USE_RIGHT, type Usable } from "./usable.ts";

/** The clusters that a change asks for. */
export interface Asked {
  /** Those that the annotation `clusters` names, not by a glob: registered or not. */
  named: string[];
  /** Those that it could be placed in. */
  reach: string[];
}

/** Which clusters an author must have the right to. Pure; the placement must be readable. */
export function clustersAsked(view: Omit<PlacementView, "author">): Asked {
  const parsed = parsePlacement(view.metadata.annotations);
  const { include = [], exclude = [] } = parsed.valid ? (parsed.placement.clusters ?? {}) : {};
  return { named: include.filter((glob) => isExactName(glob) && !exclude.includes(glob)), reach: inReach(view) };
}

/**
 * The clusters of its reach that an author may use, and those that are left out. A cluster that was asked for by its name
 * is never left out in silence. Pure.
 * @throws SecurityError AUTHORIZATION_FAILED
 */
export function authorised({ name }: User, { named, reach }: Asked, usable: Usable): { clusters: string[]; leftOut: string[] } {
  const refused = named.filter((cluster) => !mayUse(usable, cluster));
  if (refused.length > 0) throw authorizationFailed(`${name} may not use ${plural(refused)} (${USE_RIGHT})`, `use ${refused.join(",")}`);
  const clusters = reach.filter((cluster) => mayUse(usable, cluster));
  if (clusters.length > 0 || reach.length === 0) return { clusters, leftOut: reach.filter((cluster) => !mayUse(usable, cluster)) };
  throw authorizationFailed(`${name} may not use any cluster that the placement selects, such as ${reach.slice(0, 3).join(", ")} (${USE_RIGHT})`, "use");
}

/** What is said of clusters that nobody named, and that are left out. */
export function leftOutSentence({ name }: User, leftOut: readonly string[]): string {
  return `left out, since ${name} may not use ${leftOut.length === 1 ? "it" : "them"}: ${some(leftOut)} (${USE_RIGHT}); see the annotation ${PLACEMENT_ANNOTATIONS.clusters}`;
}

function plural(clusters: readonly string[]): string {
  return clusters.length === 1 ? `cluster ${clusters[0] ?? ""}` : `clusters ${some(clusters)}`;
}

const SOME = 10;

function some(clusters: readonly string[]): string {
  return clusters.length <= SOME ? clusters.join(", ") : `${clusters.slice(0, SOME).join(", ")}, and ${clusters.length - SOME} more`;
}
