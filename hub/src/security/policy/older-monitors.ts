import type { HTTPMonitor, ObjectMeta } from "@sightline/shared/api";

type Named = Pick<ObjectMeta, "namespace" | "name" | "creationTimestamp">;

/** How many other monitors of its namespace come before one: by age, then by name. One that is still to be made comes last. */
export function olderMonitors(monitors: readonly HTTPMonitor[], metadata: Named): number {
  let older = 0;
  for (const { metadata: other } of monitors) {
    if (other.namespace === metadata.namespace && other.name !== metadata.name && isOlder(other, metadata)) older += 1;
  }
  return older;
}

function isOlder(one: Named, other: Named): boolean {
  const [a, b] = [one.creationTimestamp ?? "", other.creationTimestamp ?? ""];
  if (a === b) return one.name < other.name;
  return b === "" || (a !== "" && a < b);
}
