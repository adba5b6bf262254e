import type { Clock } from "@sightline/shared";
import { type ClusterRegistration, type HTTPMonitor, parseClusterRegistration, parseHTTPMonitor } from "@sightline/shared/api";
import type { Logger } from "@sightline/shared/telemetry";
import { createKubeClient, type KubeClient, loadKubeConfig } from "./kube/client.ts";
import { ConfigMaps } from "./kube/config-maps.ts";
import { Informer } from "./kube/informer.ts";
import type { ControllerMetrics } from "./kube/metrics.ts";
import { kubeSource, type SourceTiming } from "./kube/object-source.ts";
import { CLUSTER_REGISTRATIONS, HTTP_MONITORS, type Resource } from "./kube/resources.ts";
import { KubeWriter } from "./kube/writes.ts";

/** Everything by which the hub sees and changes its Kubernetes API. */
export interface Kubernetes {
  client: KubeClient;
  writer: KubeWriter;
  configMaps: ConfigMaps;
  monitors: Informer<HTTPMonitor>;
  registrations: Informer<ClusterRegistration>;
}

export interface KubernetesOptions {
  kubeconfig: string | undefined;
  clock: Clock;
  random: () => number;
  logger: Logger;
  metrics: ControllerMetrics;
}

/** A holder of a lease must be able to tell that a write failed well before the lease ends. */
const REQUEST_TIMEOUT_MS = 4000;

/** Opens the API; the informers are started by the caller. @throws KubeError when the kubeconfig cannot be read. */
export function openKubernetes({ kubeconfig, clock, random, logger, metrics }: KubernetesOptions): Kubernetes {
  const client = createKubeClient(loadKubeConfig(kubeconfig), { clock, timeoutMs: REQUEST_TIMEOUT_MS });
  // Watches end at different times, so that not all kinds are listed at once.
  const timing: SourceTiming = { pageSize: 500, listTimeoutMs: 10_000, silenceMs: 90_000, watchMs: () => 240_000 + random() * 120_000 };
  const common = { clock, random, logger, metrics };
  const source = (resource: Resource): ReturnType<typeof kubeSource> => kubeSource(client, resource, timing);
  return {
    client,
    writer: new KubeWriter(client),
    configMaps: new ConfigMaps(client),
    monitors: new Informer({ ...common, resource: "httpmonitor", source: source(HTTP_MONITORS), parse: parseHTTPMonitor }),
    registrations: new Informer({ ...common, resource: "clusterregistration", source: source(CLUSTER_REGISTRATIONS), parse: parseClusterRegistration }),
  };
}
