import { FIELD_MANAGER, MANAGED_BY_LABEL, MONITOR_FINALIZER, REGISTRATION_FINALIZER } from "@sightline/shared/api";
import type { AssignmentWriter } from "../assignments/types.ts";
import { listMetadata } from "../kube/metadata-list.ts";
import { CLUSTER_REGISTRATIONS, CONFIG_MAPS, HTTP_MONITORS, SECRETS } from "../kube/resources.ts";
import type { Kubernetes } from "../kubernetes.ts";
import type { LeakSource } from "./leak-detector.ts";
import { heldObjects, orphanedAssignments, orphanedObjects, type Owners } from "./suspects.ts";

export interface LeakSourceOptions {
  kubernetes: Pick<Kubernetes, "client" | "monitors" | "registrations" | "namespaces">;
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
      const found = await listMetadata(client, leak === "secret" ? SECRETS : CONFIG_MAPS, OURS, signal);
      return isWhole() ? orphanedObjects(leak, found, owners()) : undefined;
    },
  });
  return [
    objects("secret"),
    objects("configmap"),
    {
      leak: "finalizer",
      look: () => Promise.resolve(isWhole() ? [...heldObjects(HTTP_MONITORS, monitors.all(), MONITOR_FINALIZER), ...heldObjects(CLUSTER_REGISTRATIONS, registrations.all(), REGISTRATION_FINALIZER)] : undefined),
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
