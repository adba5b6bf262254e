import type { Clock } from "@sightline/shared";
import { type ClusterRegistration, type HTTPMonitor, type MonitorPolicy, type Namespace, parseClusterRegistration, parseHTTPMonitor, parseMonitorPolicy, parseNamespace, RESULTS_LABELS } from "@sightline/shared/api";
import type { Logger } from "@sightline/shared/telemetry";
import { createKubeClient, fencedClient, type KubeClient, loadKubeConfig } from "./kube/client.ts";
import { ConfigMaps } from "./kube/config-maps.ts";
import { Informer } from "./kube/informer.ts";
import type { ControllerMetrics } from "./kube/metrics.ts";
import { type LeaseName, LeaseStore } from "./kube/leases.ts";
import { kubeSource, sourceTiming } from "./kube/object-source.ts";
import { CLUSTER_REGISTRATIONS, CONFIG_MAPS, HTTP_MONITORS, MONITOR_POLICIES, NAMESPACES, type Resource } from "./kube/resources.ts";
import { KubeWriter } from "./kube/writes.ts";
import type { Fence } from "./leadership/term.ts";
import { parseSeenResults, type SeenResults } from "./results/results-config-map.ts";

/** Everything by which the hub sees and changes its Kubernetes API. */
export interface Kubernetes {
  client: KubeClient;
  /** Who leads. Written past every fence: it is what fences go by. */
  lease: LeaseStore;
  writer: KubeWriter;
  configMaps: ConfigMaps;
  monitors: Informer<HTTPMonitor>;
  registrations: Informer<ClusterRegistration>;
  namespaces: Informer<Namespace>;
  policies: Informer<MonitorPolicy>;
  /** The results ConfigMaps: that they stand, not what they hold. */
  results: Informer<SeenResults>;
}

/** The same, for one who may write only while the fence is open. */
export function fenced(kubernetes: Kubernetes, fence: Fence): Kubernetes {
  const client = fencedClient(kubernetes.client, fence);
  return { ...kubernetes, client, writer: new KubeWriter(client), configMaps: new ConfigMaps(client) };
}

/** What keeps pictures of the API. They run in every replica, so that a standby takes over without a cold start. */
export function informersOf({ monitors, registrations, namespaces, policies, results }: Kubernetes): Pick<Informer<never>, "start" | "stop" | "refresh">[] {
  return [monitors, registrations, namespaces, policies, results];
}

export interface KubernetesOptions {
  kubeconfig: string | undefined;
  lease: LeaseName;
  clock: Clock;
  random: () => number;
  logger: Logger;
  metrics: ControllerMetrics;
}

/** A holder of a lease must be able to tell that a write failed well before the lease ends. */
export const REQUEST_TIMEOUT_MS = 4000;

const RESULTS_SELECTOR = Object.entries(RESULTS_LABELS).map(([label, value]) => `${label}=${value}`).join(",");

/** Opens the API; the informers are started by the caller. @throws KubeError when the kubeconfig cannot be read. */
export function openKubernetes({ kubeconfig, lease, clock, random, logger, metrics }: KubernetesOptions): Kubernetes {
  const client = createKubeClient(loadKubeConfig(kubeconfig), { clock, timeoutMs: REQUEST_TIMEOUT_MS });
  const timing = sourceTiming(random);
  const common = { clock, random, logger, metrics };
  const source = (resource: Resource, labelSelector?: string): ReturnType<typeof kubeSource> => kubeSource(client, resource, timing, labelSelector);
  return {
    client,
    lease: new LeaseStore(client, lease),
    writer: new KubeWriter(client),
    configMaps: new ConfigMaps(client),
    monitors: new Informer({ ...common, resource: "httpmonitor", source: source(HTTP_MONITORS), parse: parseHTTPMonitor }),
    registrations: new Informer({ ...common, resource: "clusterregistration", source: source(CLUSTER_REGISTRATIONS), parse: parseClusterRegistration }),
    namespaces: new Informer({ ...common, resource: "namespace", source: source(NAMESPACES), parse: parseNamespace }),
    policies: new Informer({ ...common, resource: "monitorpolicy", source: source(MONITOR_POLICIES), parse: parseMonitorPolicy }),
    results: new Informer({ ...common, resource: "configmap", source: source(CONFIG_MAPS, RESULTS_SELECTOR), parse: parseSeenResults }),
  };
}
