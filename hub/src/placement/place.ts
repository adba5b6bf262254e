import type { ClusterRegistration, Namespace, ObjectMeta } from "@sightline/shared/api";
import { parsePlacement } from "./placement.ts";
import { type Author, type Choice, chosen, select, type Subject } from "./select.ts";

/** Everything that decides where a monitor runs. */
export interface PlacementView {
  /** The monitor's. */
  metadata: Pick<ObjectMeta, "namespace" | "name" | "annotations">;
  registrations: readonly ClusterRegistration[];
  /** The monitor's namespace; undefined when it is not known. */
  namespace: Namespace | undefined;
  /** Clusters where the monitor runs now. */
  running: ReadonlySet<string>;
  /** Who asked for it; absent: nobody's rights are looked at. */
  author?: Author;
}

/** A decision for every registered cluster, by name; `problem` says why the annotations could not be read. */
export interface Placed {
  choices: Choice[];
  problem?: string;
}

const UNREADABLE = "the placement annotations cannot be read, so that nothing new starts anywhere";
const GOES_ON = "the placement annotations cannot be read, and what runs here goes on meanwhile";

/**
 * Decides where a monitor runs. Pure. Where its annotations cannot be read, it stays where it runs, as far as the
 * clusters themselves still let it: a guard rail does not fall because somebody mistyped.
 */
export function place(view: PlacementView): Placed {
  const { metadata, registrations, running } = view;
  const parsed = parsePlacement(metadata.annotations);
  const subject = subjectOf(view);
  if (parsed.valid) return { choices: select(parsed.placement, registrations, subject) };
  const allowed = select({ tolerations: parsed.tolerations }, registrations, subject);
  return { choices: allowed.map((choice) => unread(choice, running)), problem: parsed.problem };
}

/** Clusters whose use somebody must have the right to: all that the monitor could be placed in, whatever `max-clusters` leaves of them. */
export function inReach(view: Omit<PlacementView, "author">): string[] {
  const parsed = parsePlacement(view.metadata.annotations);
  if (!parsed.valid) return chosen(place(view).choices);
  const { maxClusters: _most, spreadBy: _over, ...terms } = parsed.placement;
  return chosen(select(terms, view.registrations, subjectOf(view)));
}

function subjectOf({ metadata, namespace, running, author }: PlacementView): Subject {
  const labels = namespace === undefined ? undefined : (namespace.metadata.labels ?? {});
  return { namespace: metadata.namespace ?? "", name: metadata.name, namespaceLabels: labels, running, author };
}

function unread(choice: Choice, running: ReadonlySet<string>): Choice {
  if (!choice.chosen) return choice;
  if (running.has(choice.cluster)) return { ...choice, message: GOES_ON };
  return { cluster: choice.cluster, chosen: false, reason: "PlacementUnreadable", message: UNREADABLE };
}
