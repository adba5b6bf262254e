import { type ClusterRegistration, isConditionTrue } from "@sightline/shared/api";
import { counter, live, METRICS, type MetricSpec, type Sample } from "@sightline/shared/metrics";
import type { Counter, Registry } from "prom-client";
import type { Lister } from "../kube/types.ts";
import { type Distrust, DISTRUSTS } from "./agent-signature.ts";
import type { Heartbeats, Reception } from "./heartbeats.ts";
import type { ClusterLiveness } from "./liveness.ts";
import type { NotProbedChecks } from "./not-probed.ts";

interface MetricSources {
  registrations: Lister<ClusterRegistration>;
  heartbeats: Pick<Heartbeats, "get" | "last">;
  notProbed: Pick<NotProbedChecks, "count">;
  /** How many monitors are assigned to a cluster; undefined while it is not known. */
  assigned: (cluster: string) => number | undefined;
}

/** What became of a heartbeat; `invalid`: it could not be read. One that is not the agent's is not read at all. */
type Outcome = Reception | Distrust | "invalid";

const OUTCOMES: readonly Outcome[] = ["accepted", "outdated", "skewed", "refused", "invalid", ...DISTRUSTS];

type ClusterMetric = MetricSpec<"gauge" | "counter", "cluster" | "region">;

/** Metrics of the clusters. Series of a deleted cluster go away, since they are made at each scrape. */
export class RegistrationMetrics {
  readonly #heartbeats: Counter<"outcome">;

  constructor(registry: Registry, sources: MetricSources) {
    this.#heartbeats = counter(registry, METRICS.heartbeats);
    for (const outcome of OUTCOMES) this.#heartbeats.inc({ outcome }, 0);
    registerClusterInfo(registry, sources);
    registerFigures(registry, sources);
  }

  heartbeat(outcome: Outcome): void {
    this.#heartbeats.inc({ outcome });
  }
}

function registerClusterInfo(registry: Registry, { registrations, heartbeats }: MetricSources): void {
  live(registry, METRICS.clusterInfo, () =>
    registrations.all().map(({ metadata: { name }, spec, status }) => {
      const version = heartbeats.last(name)?.agentVersion ?? status?.agentVersion ?? "";
      return { labels: { cluster: name, region: spec.region ?? "", environment: spec.environment ?? "", agent_version: version }, value: 1 };
    }),
  );
}

/** One figure per cluster each. What only an agent can say has no series before its first heartbeat. */
function registerFigures(registry: Registry, { registrations, heartbeats, notProbed, assigned }: MetricSources): void {
  const perCluster = (metric: ClusterMetric, figure: (cluster: string) => number | undefined): void => {
    live(registry, metric, () => samplesOf(registrations, figure));
  };
  const heardAt = (cluster: string): number | undefined => heartbeats.get(cluster)?.lastHeartbeatAt;
  perCluster(METRICS.clusterAvailable, (cluster) => Number(isAvailable(heartbeats.get(cluster), registrations.get(cluster))));
  perCluster(METRICS.clusterLastHeartbeat, (cluster) => seconds(heardAt(cluster)));
  perCluster(METRICS.clusterClockOffset, (cluster) => seconds(offsetOf(heartbeats.get(cluster))));
  perCluster(METRICS.clusterProbesPerSecond, (cluster) => heartbeats.last(cluster)?.probesPerSecond);
  perCluster(METRICS.clusterAssignedMonitors, assigned);
  perCluster(METRICS.clusterOutboxQueued, (cluster) => heartbeats.last(cluster)?.outbox.queued);
  perCluster(METRICS.clusterOutboxLost, (cluster) => heartbeats.last(cluster)?.outbox.lost);
  perCluster(METRICS.clusterChecksNotProbed, (cluster) => notProbed.count(cluster));
}

/** Also one for which the cluster is not believed: that is when somebody looks. */
function offsetOf(liveness: ClusterLiveness | undefined): number | undefined {
  return liveness?.skewedByMs ?? (liveness?.lastHeartbeatAt === undefined ? undefined : liveness.clockOffsetMs);
}

/** After a hub's start nobody is judged before its time: what was said before still holds. */
function isAvailable(liveness: ClusterLiveness | undefined, registration: ClusterRegistration | undefined): boolean {
  if (liveness?.available !== true) return false;
  return liveness.lastHeartbeatAt !== undefined || isConditionTrue(registration?.status?.conditions, "Available");
}

function* samplesOf(registrations: Lister<ClusterRegistration>, figure: (cluster: string) => number | undefined): Iterable<Sample<"cluster" | "region">> {
  for (const { metadata, spec } of registrations.all()) {
    const value = figure(metadata.name);
    if (value !== undefined) yield { labels: { cluster: metadata.name, region: spec.region ?? "" }, value };
  }
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
