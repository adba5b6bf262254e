import type { Clock, Timer } from "@sightline/shared";
import { parseMetadata } from "@sightline/shared/api";
import type { Logger } from "@sightline/shared/telemetry";
import { whenChanged } from "../../kube/changes.ts";
import type { KubeClient } from "../../kube/client.ts";
import { Informer } from "../../kube/informer.ts";
import type { ControllerMetrics } from "../../kube/metrics.ts";
import { kubeSource, sourceTiming } from "../../kube/object-source.ts";
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, type Resource } from "../../kube/resources.ts";

export interface RbacWatchOptions {
  client: KubeClient;
  clock: Clock;
  random: () => number;
  logger: Logger;
  metrics: ControllerMetrics;
  /** Called after a ClusterRole or ClusterRoleBinding was made, changed or removed: soon, and once more when all know it. */
  onChange: () => void;
}

/**
 * When rights are asked for after a change, in milliseconds: roles and bindings are most often applied together, and the API
 * servers that answer follow the same changes by watches of their own, so that one may still know the old ones.
 */
const SETTLE_MS = [250, 5000] as const;

/**
 * Follows what gives cluster-wide rights. Nothing is kept of the objects but their names and versions. A hub that may not
 * read them goes by the hourly review alone, and says so as it does of every watch that fails.
 */
export class RbacWatch {
  readonly #options: RbacWatchOptions;
  readonly #informers: Informer<RbacObject>[];
  readonly #unsubscribe: (() => void)[] = [];
  #stopped = false;
  #timers: Timer[] = [];

  constructor(options: RbacWatchOptions) {
    this.#options = options;
    this.#informers = [CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS].map((resource) => this.#informer(resource));
  }

  start(): void {
    for (const informer of this.#informers) {
      informer.start();
      void informer.whenListed().then(() => this.#follow(informer));
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) timer.cancel();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await Promise.all(this.#informers.map((informer) => informer.stop()));
  }

  /** What is there when it begins is no change: a new listener is told of all of it at once. */
  #follow(informer: Informer<RbacObject>): void {
    if (this.#stopped) return;
    let begun = false;
    this.#unsubscribe.push(informer.onChange(whenChanged(({ metadata }) => `${metadata.uid} ${metadata.resourceVersion}`, () => begun && this.#changed())));
    begun = true;
  }

  #changed(): void {
    const { clock, onChange } = this.#options;
    for (const timer of this.#timers) timer.cancel();
    this.#timers = SETTLE_MS.map((ms) => clock.schedule(ms, onChange, { unref: true }));
  }

  #informer(resource: Resource): Informer<RbacObject> {
    const { client, random } = this.#options;
    return new Informer({ ...this.#options, resource: resource.name, source: kubeSource(client, resource, sourceTiming(random)), parse: (value) => ({ metadata: parseMetadata(value, resource.kind) }) });
  }
}

interface RbacObject {
  metadata: ReturnType<typeof parseMetadata>;
}
