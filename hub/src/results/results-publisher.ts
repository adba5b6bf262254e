import type { ConditionState } from "@sightline/shared/api";
import { errorFields, type Logger } from "@sightline/shared/telemetry";
import { resultsName } from "../controllers/httpmonitor/cleanup.ts";
import type { ConfigMaps, StoredConfigMap, WantedConfigMap } from "../kube/config-maps.ts";
import { isKubeError } from "../kube/errors.ts";
import { keyOf } from "../kube/resources.ts";
import type { Lister } from "../kube/types.ts";
import type { MonitorPlan } from "../monitors/plan.ts";
import { MESSAGES } from "../telemetry/messages.ts";
import type { ClusterReport } from "./report.ts";
import { isOursToMend, isUpToDate, type SeenResults, seenResults, wantedResults } from "./results-config-map.ts";

type Published = ConditionState<"ResultsPublished">;

/** Keeps a monitor's results ConfigMap, and never touches one that is somebody else's. */
export class ResultsPublisher {
  readonly #configMaps: ConfigMaps;
  /** What the watch shows. */
  readonly #seen: Lister<SeenResults>;
  readonly #logger: Logger;

  constructor(configMaps: ConfigMaps, seen: Lister<SeenResults>, logger: Logger) {
    this.#configMaps = configMaps;
    this.#seen = seen;
    this.#logger = logger;
  }

  /**
   * Makes the ConfigMap what it should be. @returns what to tell about it: a verdict is shown even when this fails.
   * @param look whether it has to be looked at first: what stands of it is not what the hub wrote, say
   */
  async publish(plan: MonitorPlan, reports: readonly ClusterReport[], look = false): Promise<Published> {
    const name = resultsName(plan.name);
    try {
      const wanted = wantedResults(plan, reports);
      const ours = (!look && (await this.#writeUnlooked(plan, wanted))) || (await this.#lookAndWrite(plan, wanted));
      return ours ? { type: "ResultsPublished", status: "True", reason: "Published", message: `ConfigMap ${name}` } : nameTaken(name);
    } catch (error) {
      if (isKubeError(error, "ALREADY_EXISTS")) return nameTaken(name);
      this.#logger.error(MESSAGES.configMapFailed, { monitor: `${plan.namespace}/${plan.name}`, ...errorFields(error) });
      return { type: "ResultsPublished", status: "False", reason: "WriteFailed", message: `ConfigMap ${name} could not be written; it is tried again` };
    }
  }

  /**
   * One request instead of two or three, where the watch shows none, or one of ours that nobody touched.
   * @returns whether that did it. Where the watch was behind, the API server has refused it: it has to be looked at.
   */
  async #writeUnlooked({ uid }: MonitorPlan, wanted: WantedConfigMap): Promise<boolean> {
    if (!this.#seen.synced) return false;
    const seen = this.#seen.get(keyOf(wanted));
    if (seen !== undefined && !(seen.intact && seen.ownerUids.includes(uid))) return false;
    try {
      if (seen === undefined) await this.#configMaps.create(wanted);
      else if (!isUpToDate(seen, wanted)) await this.#configMaps.apply(wanted, seen.metadata);
      return true;
    } catch (error) {
      // A quota or a policy may refuse to make one, where there is one already.
      if (isKubeError(error, "ALREADY_EXISTS", "CONFLICT", "INVALID", "FORBIDDEN")) return false;
      throw error;
    }
  }

  /** @returns whether it is ours. */
  async #lookAndWrite(plan: MonitorPlan, wanted: WantedConfigMap): Promise<boolean> {
    const stored = await this.#configMaps.get(wanted);
    if (stored === undefined) await this.#configMaps.create(wanted);
    else if (!isOursToMend(stored, plan)) return false;
    else if (!isUpToDate(seenResults(stored), wanted)) await this.#mend(wanted, stored);
    return true;
  }

  /** One that somebody made unchangeable (`immutable: true`) is made anew. */
  async #mend(wanted: WantedConfigMap, stored: StoredConfigMap): Promise<void> {
    try {
      await this.#configMaps.apply(wanted, { uid: stored.uid });
    } catch (error) {
      if (!isKubeError(error, "INVALID") || !error.message.includes("immutable")) throw error;
      await this.#configMaps.delete(stored);
      await this.#configMaps.create(wanted);
    }
  }
}

function nameTaken(name: string): Published {
  return { type: "ResultsPublished", status: "False", reason: "NameTaken", message: `a ConfigMap ${name} that is not ours exists; rename or delete it` };
}
