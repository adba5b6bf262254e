import type { HTTPMonitor } from "@sightline/shared/api";
import type { Lister } from "../kube/types.ts";
import type { PlanRegistry } from "./registry.ts";
import { keyOf } from "../kube/resources.ts";

/**
 * Whether every monitor that was there when the hub began has a plan, or is gone. Once it is so it stays so: later
 * monitors are announced before they run. It is asked for each result of an unknown check, so each monitor is looked at
 * about once, and not all of them each time.
 */
export function plansComplete(monitors: Lister<HTTPMonitor>, plans: Pick<PlanRegistry, "get">): () => boolean {
  /** Key of each monitor that has no plan yet, by UID. Undefined before there is a list. */
  let awaited: Map<string, string> | undefined;
  return () => {
    if (awaited === undefined && monitors.synced) awaited = new Map(monitors.all().map(({ metadata }) => [metadata.uid, keyOf(metadata)]));
    if (awaited === undefined) return false;
    for (const [uid, key] of awaited) {
      if (plans.get(uid) === undefined && isThere(monitors.get(key), uid)) return false;
      awaited.delete(uid);
    }
    return true;
  };
}

/** One that is being deleted gets no plan any more. */
function isThere(monitor: HTTPMonitor | undefined, uid: string): boolean {
  return monitor?.metadata.uid === uid && monitor.metadata.deletionTimestamp === undefined;
}
