import { canonicalJson, contentHash } from "@sightline/shared";
import { AUTHORIZED_BY_ANNOTATION, type ClusterRegistration, type HTTPMonitor, MONITOR_FINALIZER, type MonitorPolicy, type Namespace, PROBE_REQUEST_ANNOTATION } from "@sightline/shared/api";
import { whenChanged } from "../../kube/changes.ts";
import type { ConfigMaps } from "../../kube/config-maps.ts";
import { Controller, type ControllerOptions } from "../../kube/controller.ts";
import type { Informer } from "../../kube/informer.ts";
import { keyOf } from "../../kube/resources.ts";
import type { Enqueue, ObservableLister } from "../../kube/types.ts";
import { placementHash } from "../../placement/placement.ts";
import { MonitorCleanup } from "./cleanup.ts";
import { sweepOrphans } from "./orphans.ts";
import { MonitorReconciler, type MonitorReconcilerOptions } from "./reconciler.ts";

/** Label of the controller's metrics. */
export const MONITOR_CONTROLLER = "multicluster-httpmonitor";

export const DEFAULT_RESYNC_MS = 30_000;

/** How often assignments without a monitor are looked for: a comparison of names. Milliseconds. */
const SWEEP_MS = 10_000;

export type MonitorControllerOptions = Omit<MonitorReconcilerOptions, "monitors" | "registrations" | "namespaces" | "cleanup"> &
  Pick<ControllerOptions, "metrics" | "concurrency" | "limits"> & {
    monitors: Informer<HTTPMonitor>;
    registrations: ObservableLister<ClusterRegistration>;
    namespaces: Informer<Namespace>;
    policies: ObservableLister<MonitorPolicy>;
    configMaps: ConfigMaps;
    /** Ends everything that others keep for a monitor (see MonitorCleanup). */
    forget: (uid: string, key: string) => void | Promise<void>;
  };

export interface MonitorController {
  enqueue: Enqueue;
  /** Asks for a reconcile of each of these monitors that exists. */
  enqueueUids(uids: ReadonlySet<string>): void;
  stop(): Promise<void>;
}

/** Starts the controller that assigns monitors, and the sweep after those that are gone. The informers are the caller's to start. */
export function startMonitorController(options: MonitorControllerOptions): MonitorController {
  const { monitors, registrations, namespaces, policies, metrics, clock, logger, assignments } = options;
  const cleanup = new MonitorCleanup(options);
  const reconciler = new MonitorReconciler({ ...options, cleanup });
  const controller = new Controller({ ...options, name: MONITOR_CONTROLLER, reconciler });
  metrics.cache(MONITOR_CONTROLLER, "httpmonitor", () => monitors.size);
  metrics.cache(MONITOR_CONTROLLER, "namespace", () => namespaces.size);

  const enqueueAll = (): void => {
    for (const { metadata } of monitors.all()) controller.enqueue(keyOf(metadata));
  };
  const subscriptions = [
    monitors.onChange(whenChanged(monitorFingerprint, (key) => controller.enqueue(key))),
    registrations.onChange(whenChanged(registrationFingerprint, enqueueAll)),
    policies.onChange(whenChanged(policyFingerprint, enqueueAll)),
    namespaces.onChange(whenChanged(namespaceFingerprint, (namespace) => {
      for (const { metadata } of monitors.all()) if (metadata.namespace === namespace) controller.enqueue(keyOf(metadata));
    })),
  ];
  controller.start();
  const stopping = new AbortController();
  const withdraw = async (uid: string): Promise<void> => cleanup.withdraw(uid);
  const sweeping = sweepOrphans({ monitors, assignments, withdraw, clock, logger, everyMs: SWEEP_MS }, stopping.signal);

  return {
    enqueue: controller.enqueue,
    enqueueUids: (uids) => {
      for (const { metadata } of monitors.all()) if (uids.has(metadata.uid)) controller.enqueue(keyOf(metadata));
    },
    stop: async () => {
      for (const unsubscribe of subscriptions) unsubscribe();
      stopping.abort();
      await Promise.all([controller.stop(), sweeping]);
    },
  };
}

/** All of a monitor that its assignments depend on. */
export function monitorFingerprint({ metadata }: HTTPMonitor): string {
  const held = metadata.finalizers?.includes(MONITOR_FINALIZER) === true;
  const request = metadata.annotations?.[PROBE_REQUEST_ANNOTATION] ?? null;
  // Of a record only a digest is kept: it holds the whole spec once more.
  const record = contentHash(metadata.annotations?.[AUTHORIZED_BY_ANNOTATION] ?? null);
  return canonicalJson([metadata.uid, metadata.generation ?? 0, placementHash(metadata.annotations), request, record, metadata.deletionTimestamp ?? null, held]);
}

/** All of a registration that placement depends on, and the key that secrets are sealed to. */
export function registrationFingerprint({ metadata, spec, status }: ClusterRegistration): string {
  const { region = null, environment = null, accepted = false, taints = [], namespaceSelector = {} } = spec;
  return canonicalJson([metadata.uid, metadata.labels ?? {}, metadata.deletionTimestamp ?? null, region, environment, accepted, taints, namespaceSelector, status?.sealingKey ?? null]);
}

/** All of a namespace that placement depends on. */
export function namespaceFingerprint({ metadata }: Namespace): string {
  return canonicalJson([metadata.uid, metadata.labels ?? {}]);
}

/** All of a policy. */
export function policyFingerprint({ metadata, spec }: MonitorPolicy): string {
  return canonicalJson([metadata.uid, spec]);
}
