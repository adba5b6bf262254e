import type { HTTPMonitor } from "@sightline/shared/api";
import { resultsName } from "../controllers/httpmonitor/cleanup.ts";
import { whenChanged } from "../kube/changes.ts";
import { keyOf } from "../kube/resources.ts";
import type { Enqueue, ObservableLister } from "../kube/types.ts";
import type { MonitorPlan } from "../monitors/plan.ts";
import type { SeenResults } from "./results-config-map.ts";
import { statusFingerprint } from "./status-reconciler.ts";

const RESULTS_SUFFIX = resultsName("");

/**
 * Asks for a look at a monitor when what the hub wrote about it is no longer what stands: its status was edited (or an
 * older one came back with a restored etcd), or its results ConfigMap was edited or deleted.
 * @returns a function that ends it.
 */
export function watchWritten(written: { monitors: ObservableLister<HTTPMonitor>; results: ObservableLister<SeenResults> }, enqueue: Enqueue): () => void {
  const subscriptions = [
    written.monitors.onChange(whenChanged(statusFingerprint, (key) => enqueue(key))),
    written.results.onChange((key, seen) => {
      if (seen?.intact !== true && key.endsWith(RESULTS_SUFFIX)) enqueue(key.slice(0, -RESULTS_SUFFIX.length));
    }),
  ];
  return () => subscriptions.forEach((end) => end());
}

/** Whether the monitor's results ConfigMap stands as it was written. True while the picture of them may be old. */
export function resultsStand(results: ObservableLister<SeenResults>, { namespace, name }: Pick<MonitorPlan, "namespace" | "name">): boolean {
  return !results.synced || results.get(keyOf({ namespace, name: resultsName(name) }))?.intact === true;
}
