import { canonicalJson } from "@sightline/shared";
import type { ClusterRegistration } from "@sightline/shared/api";
import { whenChanged } from "../../kube/changes.ts";
import { Controller, type ControllerOptions } from "../../kube/controller.ts";
import type { Informer } from "../../kube/informer.ts";
import type { Enqueue } from "../../kube/types.ts";
import { heartbeatNumbers, heardUpTo } from "../../agents/settings.ts";
import { RegistrationReconciler, type RegistrationReconcilerOptions } from "./reconciler.ts";

/** Label of the controller's metrics. */
export const REGISTRATION_CONTROLLER = "clusterregistration";

export type RegistrationControllerOptions = Omit<RegistrationReconcilerOptions, "registrations"> &
  Pick<ControllerOptions, "metrics" | "concurrency" | "limits"> & { registrations: Informer<ClusterRegistration> };

export interface RegistrationController {
  /** To be called with a cluster's name when its heartbeats, or what is assigned to it, change. */
  enqueue: Enqueue;
  stop(): Promise<void>;
}

/** Starts the controller that looks after member clusters. The informer is the caller's to start. */
export function startRegistrationController(options: RegistrationControllerOptions): RegistrationController {
  const { registrations, metrics, heartbeats } = options;
  const controller = new Controller({ ...options, name: REGISTRATION_CONTROLLER, reconciler: new RegistrationReconciler(options) });
  metrics.cache(REGISTRATION_CONTROLLER, "clusterregistration", () => registrations.size);
  const enqueueChanged = whenChanged(fingerprint, (key) => controller.enqueue(key));
  const unsubscribe = registrations.onChange((key, registration) => {
    // Before anybody asks: a cluster is known to the verdicts as soon as it is registered.
    if (registration !== undefined) heartbeats.register(key, heartbeatNumbers(registration), heardUpTo(registration));
    enqueueChanged(key, registration);
  });
  controller.start();
  return {
    enqueue: controller.enqueue,
    stop: async () => {
      unsubscribe();
      await controller.stop();
    },
  };
}

/** All but what this controller writes itself; a status that was edited by hand is mended at the next resync. Enrolment writes the key. */
function fingerprint({ metadata, spec, status }: ClusterRegistration): string {
  return canonicalJson([status?.publicKey ?? null, metadata.uid, metadata.generation ?? 0, metadata.deletionTimestamp ?? null, metadata.finalizers ?? [], spec]);
}
