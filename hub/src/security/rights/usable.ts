import type { User } from "../access/authenticate.ts";

/** The clusters that somebody may use: every one, also those to come, or these. */
export type Usable = "all" | ReadonlySet<string>;

export function mayUse(usable: Usable, cluster: string): boolean {
  return usable === "all" || usable.has(cluster);
}

/** What somebody needs in the RBAC of the hub's Kubernetes API, to place a check in a cluster. */
export const USE_RIGHT = "verb use on clusterregistrations.monitoring.example.com";

/** One text for one user, whatever the order of their groups. */
export function identityKey({ name, uid, groups, extra }: User): string {
  const details = Object.entries(extra).map(([key, values]): [string, string[]] => [key, values.toSorted()]);
  return JSON.stringify([name, uid, groups.toSorted(), details.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}
