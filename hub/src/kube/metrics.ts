import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** How a reconcile ended. A conflict is a requeue. */
export type ReconcileOutcome = "success" | "requeue" | "error" | "terminal";

export const OUTCOMES: readonly ReconcileOutcome[] = ["success", "requeue", "error", "terminal"];

/** 1 ms, doubling, ten of them. */
const DURATION_BUCKETS = Array.from({ length: 10 }, (_, power) => 0.001 * 2 ** power);

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
  readonly #namespaces = new Set<string>();

  constructor(registry: Registry) {
    const registers = [registry];
    this.#total = new Counter({ name: "controller_reconcile_total", help: "Reconciles by how they ended.", labelNames: ["controller", "result", "namespace"], registers });
    this.#duration = new Histogram({
      name: "controller_reconcile_duration_seconds",
      help: "Time of one reconcile.",
      labelNames: ["controller", "namespace"],
      buckets: DURATION_BUCKETS,
      registers,
    });
    this.#errors = new Counter({
      name: "controller_reconcile_errors_total",
      help: "Reconciles that failed, by the code of the error.",
      labelNames: ["controller", "error_type", "namespace"],
      registers,
    });
    this.#leader = new Gauge({ name: "controller_leader_election_status", help: "1 where this replica runs the controller.", labelNames: ["controller"], registers });
    this.#unreadable = new Counter({ name: "sightline_unreadable_objects_total", help: "Objects that came by list or watch and could not be parsed.", labelNames: ["resource_type"], registers });
    this.#restarts = new Counter({ name: "sightline_watch_failures_total", help: "Lists and watches that failed, by the code of the error.", labelNames: ["resource_type", "reason"], registers });
    this.#gauges(registry);
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
    this.#start(controller, namespace);
    this.#total.inc({ controller, namespace, result: outcome });
    this.#duration.observe({ controller, namespace }, durationMs / 1000);
    if (errorType !== undefined) this.#errors.inc({ controller, namespace, error_type: errorType });
  }

  unreadable(resource: string): void {
    this.#unreadable.inc({ resource_type: resource });
  }

  watchFailed(resource: string, reason: string): void {
    this.#restarts.inc({ resource_type: resource, reason });
  }

  /** A rate needs a series that began at 0. */
  #start(controller: string, namespace: string): void {
    const key = `${controller} ${namespace}`;
    if (this.#namespaces.has(key)) return;
    this.#namespaces.add(key);
    for (const result of OUTCOMES) this.#total.inc({ controller, namespace, result }, 0);
  }

  #gauges(registry: Registry): void {
    const depths = this.#depths;
    const caches = this.#caches;
    const depth = new Gauge({
      name: "controller_queue_depth",
      help: "Keys that wait to be reconciled.",
      labelNames: ["controller"],
      registers: [registry],
      collect: () => {
        for (const [controller, read] of depths) depth.set({ controller }, read());
      },
    });
    const size = new Gauge({
      name: "controller_resource_cache_size",
      help: "Objects in the controller's cache.",
      labelNames: ["controller", "resource_type"],
      registers: [registry],
      collect: () => {
        for (const cache of caches.values()) size.set({ controller: cache.controller, resource_type: cache.resource }, cache.size());
      },
    });
  }
}
