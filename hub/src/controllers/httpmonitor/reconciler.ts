import { type Clock, formatDuration, messageOf, SightlineError } from "@sightline/shared";
import { type ClusterRegistration, type HTTPMonitor, MONITOR_FINALIZER, type Namespace } from "@sightline/shared/api";
import { childSpan, currentSpan, errorFields, formatTraceparent, keepTrace, type Logger } from "@sightline/shared/telemetry";
import { isDeepStrictEqual } from "node:util";
import type { AssignmentWriter } from "../../assignments/types.ts";
import { HTTP_MONITORS } from "../../kube/resources.ts";
import type { Lister, Reconciler, ReconcileResult } from "../../kube/types.ts";
import type { KubeWriter } from "../../kube/writes.ts";
import type { CheckDefaults } from "../../monitors/check.ts";
import type { MonitorPlan } from "../../monitors/plan.ts";
import type { PlanRegistry } from "../../monitors/registry.ts";
import type { HeaderValues, MonitorSecrets } from "../../secrets/monitor-secrets.ts";
import type { MonitorGuard, Ruling } from "../../security/guard.ts";
import type { MonitorCleanup } from "./cleanup.ts";
import { decide, planOf, refusedPlan, type SealedIntent } from "./decide.ts";
import { MESSAGES } from "../../telemetry/messages.ts";

export interface MonitorReconcilerOptions {
  monitors: Lister<HTTPMonitor>;
  registrations: Lister<ClusterRegistration>;
  namespaces: Lister<Namespace>;
  registry: PlanRegistry;
  assignments: AssignmentWriter;
  writer: KubeWriter;
  cleanup: MonitorCleanup;
  clock: Clock;
  logger: Logger;
  defaults: CheckDefaults;
  secrets: Pick<MonitorSecrets, "valuesOf" | "seal">;
  /** Says what of a monitor may run, and in whose name. */
  guard: Pick<MonitorGuard, "ready" | "rule">;
  /** Every monitor's assignments are compared with what is stored this often, and repaired. Milliseconds. */
  resyncMs: number;
  /** Told of each plan that is another one than before. */
  planChanged: (plan: MonitorPlan) => void;
}

/** A monitor, with what was found out before it is placed. */
interface Placing {
  monitor: HTTPMonitor;
  previous: MonitorPlan | undefined;
  running: ReadonlySet<string>;
  namespace: Namespace | undefined;
  ruling: Ruling;
}

/** How long to wait for what is being read: registrations, namespaces, assignments, or that the monitor is gone. Milliseconds. */
const NOT_READY_MS = 1000;

/** Brings one monitor's assignments into force on the clusters that its placement selects. */
export class MonitorReconciler implements Reconciler {
  readonly #options: MonitorReconcilerOptions;

  constructor(options: MonitorReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const { cleanup, writer } = this.#options;
    const { monitor, known } = this.#fetch(key);
    // A monitor that was deleted and made again under its name is another monitor.
    if (known !== undefined && known.uid !== monitor?.metadata.uid) await cleanup.release(known);
    if (monitor === undefined) {
      this.#options.logger.info(MESSAGES.notFound, { key });
      return {};
    }
    if (monitor.metadata.deletionTimestamp !== undefined) {
      await cleanup.finish(monitor);
      return {};
    }
    if (!this.#canDecide()) return { again: true, requeueAfterMs: NOT_READY_MS };
    const held = await writer.addFinalizer(HTTP_MONITORS, monitor.metadata, MONITOR_FINALIZER);
    if (!held) return { again: true, requeueAfterMs: NOT_READY_MS };
    const placing = await this.#ruled(monitor);
    const values = this.#options.secrets.valuesOf(placing.ruling.inForce);
    // A source is read for the first time: what runs goes on meanwhile, and what is new is not sent without its secrets.
    if (values === undefined) return { again: true, requeueAfterMs: NOT_READY_MS };
    await this.#assign(key, placing, values);
    return { requeueAfterMs: this.#options.resyncMs };
  }

  /** What may be done about a monitor, by the guard's word. */
  async #ruled(monitor: HTTPMonitor): Promise<Placing> {
    const { namespaces, registry, assignments, guard } = this.#options;
    const { uid, namespace: space = "" } = monitor.metadata;
    const previous = registry.get(uid);
    const running = runningClusters(monitor, assignments.clustersOf(uid), previous);
    const namespace = namespaces.get(space);
    return { monitor, previous, running, namespace, ruling: await guard.rule({ monitor, namespace, running }) };
  }

  #fetch(key: string): { monitor: HTTPMonitor | undefined; known: MonitorPlan | undefined } {
    using _span = childSpan("fetch-resource");
    const { monitors, registry } = this.#options;
    return { monitor: monitors.get(key), known: registry.byName(key) };
  }

  /** Whether all that placement depends on has been read: an empty picture would withdraw what runs. */
  #canDecide(): boolean {
    const { assignments, registrations, namespaces, guard } = this.#options;
    return assignments.ready && registrations.synced && namespaces.synced && guard.ready;
  }

  async #assign(key: string, { monitor, previous, running, namespace, ruling }: Placing, values: HeaderValues): Promise<void> {
    const { registrations, registry, assignments, clock, defaults, secrets } = this.#options;
    const { uid } = monitor.metadata;
    const { inForce, author, refusal: denial } = ruling;
    const decided = decide({ monitor: inForce, registrations: registrations.all(), namespace, running, defaults, author, refusal: denial });
    const intent: SealedIntent = { ...decided, ...secrets.seal(inForce, decided.wanted, values) };
    const trace = currentSpan();
    registry.announce(uid, intent);
    try {
      const { positions, wrote } = await assignments.apply({ uid, wanted: intent.wanted, ...(trace === undefined ? {} : { traceparent: formatTraceparent(trace) }) });
      const plan = planOf(monitor, intent, { positions, previous, now: clock.now() });
      // Its first probe will be a child of this reconcile.
      if (wrote) keepTrace();
      this.#publish(key, plan, { intent, previous, fields: {} });
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal !== undefined) this.#publish(key, refusedPlan(monitor, intent, previous, refusal), { intent, previous, fields: errorFields(error) });
      throw error;
    }
  }

  /** Puts the plan into force, and tells of it only when it differs: a resync that finds nothing new is silent. */
  #publish(key: string, plan: MonitorPlan, { intent, previous, fields }: { intent: SealedIntent; previous: MonitorPlan | undefined; fields: object }): void {
    const { registry, logger, planChanged } = this.#options;
    registry.put(plan);
    if (isDeepStrictEqual(plan, previous)) return;
    // What a new leader plans for the first time is most often only found again.
    if (previous !== undefined) keepTrace();
    const log = logger.with({ key, ...fields });
    if (intent.problem !== undefined) log.warn(MESSAGES.selectionFailed, { error: `cluster selection failed: ${intent.problem}` });
    log.info(MESSAGES.completed, { clusters: plan.clusters.size, next_check: plan.suspend ? "never" : formatDuration(plan.check.intervalMs) });
    planChanged(plan);
  }
}

/**
 * Where a monitor runs. The store may have lost what the plan still knows, and after a restart the plan lacks what the
 * store knows. Without both there is what the status last said: NATS may lose everything and no cluster its monitor.
 */
function runningClusters({ status }: HTTPMonitor, stored: ReadonlySet<string>, plan: MonitorPlan | undefined): Set<string> {
  if (plan !== undefined) return new Set([...stored, ...plan.clusters.keys()]);
  return stored.size > 0 ? new Set(stored) : new Set(status?.clusterResults?.map(({ clusterID }) => clusterID));
}

/** Whether the transaction was refused for what the monitor asks, so that its owner must be told. */
function refusalOf(error: unknown): { reason: string; message: string } | undefined {
  const tooMany = error instanceof SightlineError && error.code === "TOO_MANY_CLUSTERS";
  return tooMany ? { reason: "TooManyClusters", message: messageOf(error) } : undefined;
}
