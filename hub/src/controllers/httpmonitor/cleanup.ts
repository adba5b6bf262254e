import { API_GROUP, API_VERSION, type HTTPMonitor, MONITOR_FINALIZER, RESULTS_LABELS, RESULTS_MONITOR_LABEL } from "@sightline/shared/api";
import { errorFields, type Logger } from "@sightline/shared/telemetry";
import type { AssignmentWriter } from "../../assignments/types.ts";
import type { ConfigMaps, StoredConfigMap } from "../../kube/config-maps.ts";
import { isKubeError } from "../../kube/errors.ts";
import { HTTP_MONITORS, keyOf } from "../../kube/resources.ts";
import type { KubeWriter } from "../../kube/writes.ts";
import type { PlanRegistry } from "../../monitors/registry.ts";
import { MESSAGES } from "../../telemetry/messages.ts";

export interface CleanupOptions {
  registry: PlanRegistry;
  assignments: AssignmentWriter;
  writer: KubeWriter;
  configMaps: ConfigMaps;
  logger: Logger;
  /** Ends everything that others keep for the monitor: series, queued writes. Awaited, so that nothing is written after it. */
  forget: (uid: string, key: string) => void | Promise<void>;
}

/** Which monitor, by all its names. */
export interface MonitorIdentity {
  uid: string;
  namespace: string;
  name: string;
}

/** Name of the results ConfigMap of a monitor. */
export function resultsName(monitor: string): string {
  return `${monitor}-results`;
}

/** Undoes what a monitor left. Every step may be repeated; none waits for an agent. */
export class MonitorCleanup {
  readonly #options: CleanupOptions;

  constructor(options: CleanupOptions) {
    this.#options = options;
  }

  /** Cleans up after a monitor that is being deleted, and lets it go. */
  async finish({ metadata }: HTTPMonitor): Promise<void> {
    if (metadata.finalizers?.includes(MONITOR_FINALIZER) !== true) return;
    const logger = this.#options.logger.with({ key: keyOf(metadata) });
    logger.info(MESSAGES.cleaningUp);
    await this.release({ uid: metadata.uid, namespace: metadata.namespace ?? "", name: metadata.name });
    await this.#options.writer.removeFinalizer(HTTP_MONITORS, metadata, MONITOR_FINALIZER);
    logger.info(MESSAGES.cleanupCompleted);
  }

  /** Cleans up after a monitor that may be gone already. */
  async release(monitor: MonitorIdentity): Promise<void> {
    // First nobody works for it any more, then what was made is taken away: in the other order it might come back.
    this.#options.registry.delete(monitor.uid);
    await this.#options.forget(monitor.uid, keyOf(monitor));
    await this.withdraw(monitor.uid);
    await this.#deleteResults(monitor);
  }

  /** Takes the monitor's assignments away from every cluster, present or not. */
  async withdraw(uid: string): Promise<void> {
    try {
      await this.#options.assignments.apply({ uid, wanted: new Map() });
    } catch (error) {
      this.#options.logger.error(MESSAGES.clusterCleanupFailed, { uid, ...errorFields(error) });
      throw error;
    }
  }

  async #deleteResults(monitor: MonitorIdentity): Promise<void> {
    const { configMaps, logger } = this.#options;
    try {
      const stored = await configMaps.get({ namespace: monitor.namespace, name: resultsName(monitor.name) });
      if (stored !== undefined && isResultsOf(stored, monitor)) await configMaps.delete(stored);
    } catch (error) {
      logger.error(MESSAGES.configMapCleanupFailed, { key: keyOf(monitor), ...errorFields(error) });
      // Missing rights must not hold the monitor: its ConfigMap goes away with its owner anyway.
      if (!isKubeError(error, "FORBIDDEN")) throw error;
    }
  }
}

/** Whether a ConfigMap is the monitor's own: this very monitor is its owner. Labels may have been edited by hand. */
export function isResultsOf(stored: Pick<StoredConfigMap, "ownerUids">, { uid }: Pick<MonitorIdentity, "uid">): boolean {
  return stored.ownerUids.includes(uid);
}

/** Labels of a monitor's results ConfigMap. */
export function resultsLabels(monitor: string): Record<string, string> {
  return { ...RESULTS_LABELS, [RESULTS_MONITOR_LABEL]: monitor };
}

/** The owner that a results ConfigMap names. */
export function resultsOwner({ uid, name }: Pick<MonitorIdentity, "uid" | "name">): { apiVersion: string; kind: string; name: string; uid: string } {
  return { apiVersion: `${API_GROUP}/${API_VERSION}`, kind: HTTP_MONITORS.kind, name, uid };
}
