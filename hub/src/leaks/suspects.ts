import { API_GROUP, RESULTS_MONITOR_LABEL } from "@sightline/shared/api";
import type { ObjectMetadata } from "../kube/metadata-list.ts";
import { CONFIG_MAPS, keyOf, NAMESPACES, type Resource, SECRETS } from "../kube/resources.ts";
import type { Suspect } from "./leak-book.ts";

/** The owners that exist. */
export interface Owners {
  /** UIDs of all HTTPMonitors and ClusterRegistrations, readable or not. */
  uids: ReadonlySet<string>;
  hasMonitor: (key: string) => boolean;
  /** The hub's own namespace: what it keeps there for itself has no owner. */
  hubNamespace: string;
}

const OBJECTS = { secret: SECRETS, configmap: CONFIG_MAPS } as const;

/** Those of our objects whose owner is gone. Pure. */
export function orphanedObjects(leak: keyof typeof OBJECTS, objects: readonly ObjectMetadata[], owners: Owners): Suspect[] {
  return objects.flatMap((object) => {
    const why = whyOrphaned(object, owners);
    return why === undefined ? [] : [suspectOf(leak, OBJECTS[leak], object, { reason: "Orphaned", message: `${why}. Delete it if nobody needs it: the hub never does.` })];
  });
}

/** Owners of other kinds are theirs to judge who know them. */
function whyOrphaned({ namespace, labels, owners: named }: ObjectMetadata, { uids, hasMonitor, hubNamespace }: Owners): string | undefined {
  const ours = named.filter(({ apiVersion }) => apiVersion.startsWith(`${API_GROUP}/`));
  if (ours.length > 0) return ours.some(({ uid }) => uids.has(uid)) ? undefined : `Its owner, ${ours.map(({ kind, name }) => `${kind} ${name}`).join(", ")}, is gone`;
  if (named.length > 0 || namespace === undefined || namespace === hubNamespace) return undefined;
  const monitor = labels[RESULTS_MONITOR_LABEL];
  if (monitor === undefined) return "It is labelled as made by the hub, and names no owner";
  return hasMonitor(`${namespace}/${monitor}`) ? undefined : `Its HTTPMonitor ${monitor} is gone`;
}

/** Objects that are being deleted, and that our finalizer holds. Pure. */
export function heldObjects(resource: Resource, objects: readonly ObjectMetadata[], finalizer: string): Suspect[] {
  return objects.flatMap((object) => {
    const since = Date.parse(object.deletionTimestamp ?? "");
    if (Number.isNaN(since) || !object.finalizers.includes(finalizer)) return [];
    const message = `It was deleted at ${object.deletionTimestamp}, and the finalizer ${finalizer} still holds it: its cleanup does not end.`;
    return [{ ...suspectOf("finalizer", resource, object, { reason: "StuckFinalizer", message }), since }];
  });
}

/** Assignments whose monitor is gone. They have no object of their own: their Events are about the hub's namespace. Pure. */
export function orphanedAssignments(assigned: readonly string[], uids: ReadonlySet<string>, home: { name: string; uid: string }): Suspect[] {
  return assigned.filter((uid) => !uids.has(uid)).map((uid) => ({
    leak: "assignment",
    id: `assignment ${uid}`,
    name: `assignment of ${uid}`,
    event: { resource: NAMESPACES, object: home, reason: "OrphanedAssignment", message: `An HTTPMonitor that is gone (UID ${uid}) is still assigned to clusters.` },
  }));
}

function suspectOf(leak: Suspect["leak"], resource: Resource, object: ObjectMetadata, said: Pick<Suspect["event"], "reason" | "message">): Suspect {
  const { name, uid, namespace } = object;
  const named = { name, uid, ...(namespace === undefined ? {} : { namespace }) };
  return { leak, id: `${leak} ${uid}`, name: `${resource.name} ${keyOf(named)}`, event: { ...said, resource, object: named } };
}
