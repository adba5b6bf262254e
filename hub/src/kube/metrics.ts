import { counter, gauge, histogram, live, METRICS } from "@sightline/shared/metrics";
import type { Counter, Gauge, Histogram, Registry } from "prom-client";

/** How a reconcile ended. A conflict is a requeue. */
export type ReconcileOutcome = "success" | "requeue" | "error" | "terminal";

export const OUTCOMES: readonly ReconcileOutcome[] = ["success", "requeue", "error", "terminal"];

/** One finished reconcile. */
export interface ReconcileRecord {
  controller: string;
  namespace: string;
  outcome: ReconcileOutcome;
  durationMs: number;
  /** The code of the error, where there was one that counts. */
  errorType?: string;
}

/** The controller metrics of CONTRACT 5. Names and labels are relied upon. */
export class ControllerMetrics {
  readonly #total: Counter<"controller" | "result" | "namespace">;
  readonly #duration: Histogram<"controller" | "namespace">;
  readonly #errors: Counter<"controller" | "error_type" | "namespace">;
  readonly #leader: Gauge<"controller">;
  readonly #unreadable: Counter<"resource_type">;
  readonly #restarts: Counter<"resource_type" | "reason">;
  readonly #depths = new Map<string, () => number>();
  readonly #caches = new Map<string, { controller: string; resource: string; size: () => number }>();
  /** The series that there are, by controller and namespace: the error codes that were counted. */
  readonly #started = new Map<string, { controller: string; namespace: string; errors: Set<string> }>();

  constructor(registry: Registry) {
    this.#total = counter(registry, METRICS.reconciles);
    this.#duration = histogram(registry, METRICS.reconcileDuration);
    this.#errors = counter(registry, METRICS.reconcileErrors);
    this.#leader = gauge(registry, METRICS.leaderElectionStatus);
    this.#unreadable = counter(registry, METRICS.unreadableObjects);
    this.#restarts = counter(registry, METRICS.watchFailures);
    live(registry, METRICS.queueDepth, () => [...this.#depths].map(([controller, depth]) => ({ labels: { controller }, value: depth() })));
    live(registry, METRICS.resourceCacheSize, () => [...this.#caches.values()].map(({ controller, resource, size }) => ({ labels: { controller, resource_type: resource }, value: size() })));
  }

  /** Makes the controller's series, all at 0. `depth` is asked at each scrape. */
  register(controller: string, depth: () => number): void {
    this.#depths.set(controller, depth);
    this.#leader.set({ controller }, 0);
    this.#start(controller, "");
  }

  /** Counts the objects of a cache, asked at each scrape. */
  cache(controller: string, resource: string, size: () => number): void {
    this.#caches.set(`${controller} ${resource}`, { controller, resource, size });
  }

  leading(controller: string, leads: boolean): void {
    this.#leader.set({ controller }, leads ? 1 : 0);
  }

  reconciled({ controller, namespace, outcome, durationMs, errorType }: ReconcileRecord): void {
    const { errors } = this.#start(controller, namespace);
    this.#total.inc({ controller, namespace, result: outcome });
    this.#duration.observe({ controller, namespace }, durationMs / 1000);
    if (errorType === undefined) return;
    errors.add(errorType);
    this.#errors.inc({ controller, namespace, error_type: errorType });
  }

  /** Takes the series of all other namespaces away. Those of no namespace stay. */
  keepNamespaces(kept: ReadonlySet<string>): void {
    for (const [key, series] of this.#started) {
      if (series.namespace === "" || kept.has(series.namespace)) continue;
      this.#started.delete(key);
      const { controller, namespace } = series;
      for (const result of OUTCOMES) this.#total.remove({ controller, namespace, result });
      for (const error_type of series.errors) this.#errors.remove({ controller, namespace, error_type });
      this.#duration.remove({ controller, namespace });
    }
  }

  unreadable(resource: string): void {
    this.#unreadable.inc({ resource_type: resource });
  }

  watchFailed(resource: string, reason: string): void {
    this.#restarts.inc({ resource_type: resource, reason });
  }

  /** A rate needs a series that began at 0. */
  #start(controller: string, namespace: string): { errors: Set<string> } {
    const key = `${controller} ${namespace}`;
    const known = this.#started.get(key);
    if (known !== undefined) return known;
    const series = { controller, namespace, errors: new Set<string>() };
    this.#started.set(key, series);
    for (const result of OUTCOMES) this.#total.inc({ controller, namespace, result }, 0);
    return series;
  }
}
