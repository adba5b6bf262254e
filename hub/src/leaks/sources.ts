import { type ClusterRegistration, FIELD_MANAGER, type HTTPMonitor, MANAGED_BY_LABEL, MONITOR_FINALIZER, type Namespace, REGISTRATION_FINALIZER } from "@sightline/shared/api";
import type { AssignmentWriter } from "../assignments/types.ts";
import { listMetadata } from "../kube/metadata-list.ts";
import type { KubeClient } from "../kube/client.ts";
import type { Informer } from "../kube/informer.ts";
import { CLUSTER_REGISTRATIONS, CONFIG_MAPS, HTTP_MONITORS, type Resource, SECRETS } from "../kube/resources.ts";
import type { LeakSource } from "./leak-detector.ts";
import type { Suspect } from "./leak-book.ts";
import { heldObjects, orphanedAssignments, orphanedObjects, type Owners } from "./suspects.ts";

export interface LeakSourceOptions {
  kubernetes: {
    client: KubeClient;
    monitors: Pick<Informer<HTTPMonitor>, "synced" | "uids" | "get">;
    registrations: Pick<Informer<ClusterRegistration>, "synced" | "uids">;
    namespaces: Pick<Informer<Namespace>, "get">;
  };
  assignments: Pick<AssignmentWriter, "ready" | "monitors">;
  /** The hub's own namespace. */
  hubNamespace: string;
}

const OURS = `${MANAGED_BY_LABEL}=${FIELD_MANAGER}`;

/** Everywhere that something of ours may be left behind. Nothing is said while the picture of what exists is not whole. */
export function leakSources({ kubernetes, assignments, hubNamespace }: LeakSourceOptions): LeakSource[] {
  const { client, monitors, registrations, namespaces } = kubernetes;
  const isWhole = (): boolean => monitors.synced && registrations.synced;
  const owners = (): Owners => ({ uids: monitors.uids().union(registrations.uids()), hasMonitor: (key) => monitors.get(key) !== undefined, hubNamespace });

  const objects = (leak: "secret" | "configmap"): LeakSource => ({
    leak,
    look: async (signal) => {
      // Owners are asked for after the list: one that was made while it was read is no stranger.
      const found = await listMetadata(client, leak === "secret" ? SECRETS : CONFIG_MAPS, signal, OURS);
      return isWhole() ? orphanedObjects(leak, found, owners()) : undefined;
    },
  });
  const held = async (resource: Resource, finalizer: string, signal: AbortSignal): Promise<Suspect[]> => heldObjects(resource, await listMetadata(client, resource, signal), finalizer);
  return [
    objects("secret"),
    objects("configmap"),
    {
      leak: "finalizer",
      // Not from the informers: of an object that cannot be read they keep a version that was not being deleted.
      look: async (signal) => [...(await held(HTTP_MONITORS, MONITOR_FINALIZER, signal)), ...(await held(CLUSTER_REGISTRATIONS, REGISTRATION_FINALIZER, signal))],
    },
    {
      leak: "assignment",
      look: () => {
        const home = { name: hubNamespace, uid: namespaces.get(hubNamespace)?.metadata.uid ?? "" };
        return Promise.resolve(isWhole() && assignments.ready ? orphanedAssignments(assignments.monitors(), monitors.uids(), home) : undefined);
      },
    },
  ];
}
