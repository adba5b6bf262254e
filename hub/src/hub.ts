import { type Clock, exponentialBackoff, sleep } from "@sightline/shared";
import { connectNats, type NatsConnection, reconcileStreams } from "@sightline/shared/nats";
import { errorFields, type Logger } from "@sightline/shared/telemetry";
import { Registry } from "prom-client";
import type { ReadinessCheck } from "./api/readiness.ts";
import { type Api, startApi } from "./api/server.ts";
import type { HubConfig } from "./config.ts";
import { ControllerMetrics } from "./kube/metrics.ts";
import { type Kubernetes, openKubernetes } from "./kubernetes.ts";
import { Work } from "./work.ts";

/** How often the streams are compared with what they should be. Milliseconds. */
const KEEP_STREAMS_MS = 5000;

export interface HubOptions {
  config: HubConfig;
  clock: Clock;
  random: () => number;
  logger: Logger;
}

/** One replica of the hub, from its first listening socket to its last write. */
export class Hub {
  readonly #options: HubOptions;
  readonly #registry = new Registry();
  readonly #stopping = new AbortController();
  readonly #kubernetes: Kubernetes;
  readonly #metrics: ControllerMetrics;
  #api: Api | undefined;
  #nats: NatsConnection | undefined;
  #work: Work | undefined;
  #keeping: Promise<void> | undefined;

  /** @throws KubeError when the kubeconfig cannot be read. */
  constructor(options: HubOptions) {
    this.#options = options;
    this.#metrics = new ControllerMetrics(this.#registry);
    this.#kubernetes = openKubernetes({ ...options, kubeconfig: options.config.kubeconfig, metrics: this.#metrics });
  }

  /** Serves at once, and begins to work when Kubernetes and NATS are there: `/readyz` says what is awaited. */
  async start(): Promise<void> {
    const { config, logger } = this.#options;
    this.#api = await startApi({ listen: config.listen, registry: this.#registry, readiness: this.#readiness(), liveness: [] });
    logger.info("Hub listens", { url: this.#api.url });
    this.#nats = await connectNats({
      servers: config.natsServers,
      seedFile: config.natsSeedFile,
      name: "sightline-hub",
      ...(config.natsCaFile === undefined ? {} : { caFile: config.natsCaFile }),
    });
    await this.#prepareStreams(this.#nats);
    if (this.#stopping.signal.aborted) return;
    this.#work = new Work({ ...this.#options, kubernetes: this.#kubernetes, nats: this.#nats, metrics: this.#metrics, registry: this.#registry });
    this.#keeping = this.#keepStreams(this.#nats, this.#work);
  }

  /** Ends all work, writers before what they write to. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#keeping;
    await this.#work?.stop();
    await this.#nats?.close();
    await this.#api?.close();
  }

  /** Tries until it succeeds: a NATS without JetStream yet, or without a leader, will come round. */
  async #prepareStreams(nats: NatsConnection): Promise<void> {
    const { clock, random, config, logger } = this.#options;
    const backoff = exponentialBackoff({ baseMs: 200, maxMs: 5000, random });
    while (!this.#stopping.signal.aborted) {
      try {
        const created = await reconcileStreams(nats, config.natsReplicas);
        if (created.length > 0) logger.info("Streams were made", { streams: created });
        return;
      } catch (error) {
        logger.warn("Streams cannot be prepared yet", errorFields(error));
        await sleep(clock, backoff.next(), this.#stopping.signal);
      }
    }
  }

  /** Streams that vanish, or that somebody changes, are made again: all of NATS is a projection that can be rebuilt. */
  async #keepStreams(nats: NatsConnection, work: Work): Promise<void> {
    const { clock, config, logger } = this.#options;
    while (!this.#stopping.signal.aborted) {
      await sleep(clock, KEEP_STREAMS_MS, this.#stopping.signal);
      if (this.#stopping.signal.aborted || nats.isClosed()) return;
      try {
        const created = await reconcileStreams(nats, config.natsReplicas);
        if (created.length === 0) continue;
        logger.warn("Streams were gone and have been made again", { streams: created });
        work.equipClusters();
      } catch (error) {
        logger.warn("Streams cannot be looked after now", errorFields(error));
      }
    }
  }

  #readiness(): ReadinessCheck[] {
    const { monitors, registrations } = this.#kubernetes;
    return [
      check("httpmonitors", () => monitors.synced, "the list of HTTPMonitors has not been read, or its watch is stale"),
      check("clusterregistrations", () => registrations.synced, "the list of ClusterRegistrations has not been read, or its watch is stale"),
      check("nats", () => this.#nats !== undefined && !this.#nats.isClosed(), "not connected to NATS"),
      check("assignments", () => this.#work?.assignmentsReady === true, "the stored assignments have not been read"),
      check("results", () => this.#work?.resultsReady === true, "the stored results have not been read"),
    ];
  }
}

function check(name: string, holds: () => boolean, otherwise: string): ReadinessCheck {
  return { name, missing: () => (holds() ? undefined : otherwise) };
}
