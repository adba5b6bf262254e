import type { ConditionState } from "@sightline/shared/api";
import { errorFields, type Logger } from "@sightline/shared/telemetry";
import { resultsName } from "../controllers/httpmonitor/cleanup.ts";
import { MESSAGES } from "../telemetry/messages.ts";
import type { ConfigMaps, StoredConfigMap, WantedConfigMap } from "../kube/config-maps.ts";
import { isKubeError } from "../kube/errors.ts";
import type { MonitorPlan } from "../monitors/plan.ts";
import type { ClusterReport } from "./report.ts";
import { isOursToMend, isUpToDate, wantedResults } from "./results-config-map.ts";

type Published = ConditionState<"ResultsPublished">;

/** Keeps a monitor's results ConfigMap, and never touches one that is somebody else's. */
export class ResultsPublisher {
  readonly #configMaps: ConfigMaps;
  readonly #logger: Logger;

  constructor(configMaps: ConfigMaps, logger: Logger) {
    this.#configMaps = configMaps;
    this.#logger = logger;
  }

  /** Makes the ConfigMap what it should be. @returns what to tell about it: a verdict is shown even when this fails. */
  async publish(plan: MonitorPlan, reports: readonly ClusterReport[]): Promise<Published> {
    const name = resultsName(plan.name);
    try {
      const stored = await this.#configMaps.get({ namespace: plan.namespace, name });
      if (stored !== undefined && !isOursToMend(stored, plan)) return nameTaken(name);
      const wanted = wantedResults(plan, reports);
      if (stored === undefined || !isUpToDate(stored, wanted)) await this.#write(wanted, stored);
      return { type: "ResultsPublished", status: "True", reason: "Published", message: `ConfigMap ${name}` };
    } catch (error) {
      if (isKubeError(error, "ALREADY_EXISTS")) return nameTaken(name);
      this.#logger.error(MESSAGES.configMapFailed, { monitor: `${plan.namespace}/${plan.name}`, ...errorFields(error) });
      return { type: "ResultsPublished", status: "False", reason: "WriteFailed", message: `ConfigMap ${name} could not be written; it is tried again` };
    }
  }

  /** One of ours that somebody made unchangeable (`immutable: true`) is made anew. */
  async #write(wanted: WantedConfigMap, stored: StoredConfigMap | undefined): Promise<void> {
    try {
      await this.#configMaps.apply(wanted, stored);
    } catch (error) {
      if (stored === undefined || !isKubeError(error, "INVALID") || !error.message.includes("immutable")) throw error;
      await this.#configMaps.delete(stored);
      await this.#configMaps.apply(wanted, undefined);
    }
  }
}

function nameTaken(name: string): Published {
  return { type: "ResultsPublished", status: "False", reason: "NameTaken", message: `a ConfigMap ${name} that is not ours exists; rename or delete it` };
}
