import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import { type Clock, exponentialBackoff, SightlineError, sleep, untilAborted } from "@sightline/shared";
import { counter, liveFigure, METRICS, processMetrics } from "@sightline/shared/metrics";
import { connectNats, credsFile, FirstConnection, followErrors, linkState, type NatsConnection, type NatsSettings, onceAMinute, reconcileStreams } from "@sightline/shared/nats";
import { errorFields, type LevelControl, type Logger, reasonFields, type Tracer } from "@sightline/shared/telemetry";
import { type Counter, Registry } from "prom-client";
import { AdmissionWebhook } from "./admission/webhook.ts";
import type { ReadinessCheck } from "./api/readiness.ts";
import type { Listening } from "./api/listen.ts";
import { startApi } from "./api/server.ts";
import type { ChainedAuditLog } from "./audit/audit-log.ts";
import { auditLogOf } from "./audit/setup.ts";
import type { HubConfig } from "./config.ts";
import { Debugging, type Enqueued } from "./debug/debugging.ts";
import type { HubKeys } from "./identity/hub-keys.ts";
import { KEY_FILES } from "./identity/installation.ts";
import { HUB_LEASE } from "./kube/leases.ts";
import { ControllerMetrics } from "./kube/metrics.ts";
import type { Around } from "./kube/types.ts";
import { informersOf, type Kubernetes, openKubernetes, REQUEST_TIMEOUT_MS } from "./kubernetes.ts";
import { Elector } from "./leadership/elector.ts";
import type { Term } from "./leadership/term.ts";
import { makeReviewer } from "./security/setup.ts";
import { guardBy } from "./security/access/route-guard.ts";
import { unreviewedWarning } from "./security/unreviewed.ts";
import { reconcileSpans } from "./telemetry/reconcile-spans.ts";
import { HUB_VERSION } from "./version.ts";
import { CONTROLLERS, Work } from "./work.ts";

/** How often the streams are compared with what they should be. Milliseconds. */
const KEEP_STREAMS_MS = 5000;
/** How often a standby looks at the lease. Milliseconds. */
const LOOK_MS = 500;
/** How long ending the work of a term may take. Nothing is written meanwhile if the lease was lost. Milliseconds. */
const STOP_LIMIT_MS = 30_000;

class StopTimeout extends SightlineError<"STOP_TIMEOUT"> {
  override readonly name = "StopTimeout";
}

export interface HubOptions {
  config: HubConfig;
  /** Of this installation. */
  keys: HubKeys;
  clock: Clock;
  random: () => number;
  logger: Logger;
  /** Of that logger. */
  level: LevelControl;
  tracer: Tracer;
  /** The process cannot go on: a new one has to take its place. */
  fail: (error: Error) => void;
}

/**
 * One replica of the hub, from its first listening socket to its last write. Every replica serves the API and keeps its
 * pictures of Kubernetes warm; the one that leads also works, by a Work of its own for each term.
 */
export class Hub {
  readonly #options: HubOptions;
  readonly #registry = new Registry();
  readonly #stopping = new AbortController();
  readonly #kubernetes: Kubernetes;
  readonly #metrics: ControllerMetrics;
  readonly #streamsRecreated: Counter;
  readonly #elector: Elector;
  readonly #debugging: Debugging;
  /** Told of every decision of this replica about who may do what. */
  readonly #audit: ChainedAuditLog;
  readonly #spans: Around;
  readonly #webhook: AdmissionWebhook | undefined;
  #api: Listening | undefined;
  readonly #first: FirstConnection<NatsConnection>;
  #nats: NatsConnection | undefined;
  #natsConnected: () => boolean = () => false;
  /** While this replica leads. */
  #active: { work: Work; registry: Registry } | undefined;

  /** @throws KubeError when the kubeconfig cannot be read. */
  constructor(options: HubOptions) {
    this.#options = options;
    const { config, clock, logger } = options;
    this.#metrics = new ControllerMetrics(this.#registry);
    this.#streamsRecreated = counter(this.#registry, METRICS.streamsRecreated);
    liveFigure(this.#registry, METRICS.natsConnected, () => Number(this.#natsConnected()));
    processMetrics(this.#registry, HUB_VERSION);
    for (const controller of CONTROLLERS) this.#metrics.leading(controller, false);
    const lease = { namespace: config.leaseNamespace, name: HUB_LEASE };
    this.#kubernetes = openKubernetes({ ...options, kubeconfig: config.kubeconfig, lease, metrics: this.#metrics });
    const { leaseDurationMs: durationMs, leaseRenewIntervalMs: renewMs, leaseRenewDeadlineMs: deadlineMs } = config;
    const times = { durationMs, renewMs, deadlineMs, requestTimeoutMs: REQUEST_TIMEOUT_MS, retryMs: LOOK_MS };
    const onFailure = (error: unknown): void => logger.error("Connecting to NATS failed", reasonFields(error));
    this.#first = new FirstConnection({ ...options, connect: () => connectNats(natsSettings(config)), signal: this.#stopping.signal, onFailure });
    const names = identify(config.identity);
    this.#audit = auditLogOf({ ...options, config: config.audit, identity: names.identity, signing: options.keys.signing, registry: this.#registry });
    this.#elector = new Elector({ ...names, lease: this.#kubernetes.lease, times, clock, logger });
    this.#spans = reconcileSpans({ ...options, ratio: config.traceRatio });
    this.#webhook = this.#makeWebhook();
    this.#debugging = new Debugging({ ...options, config: config.debug, client: this.#kubernetes.client, audit: this.#audit, enqueue: (controller, key) => this.#enqueue(controller, key) });
  }

  /** Serves at once, and stands for leadership when NATS is there: `/readyz` says what is awaited. */
  async start(): Promise<void> {
    const { config, clock, logger } = this.#options;
    // Before anybody can be let in.
    await this.#audit.start();
    this.#api = await startApi({
      logger,
      listen: config.listen,
      tlsFiles: config.tls,
      clock,
      registries: () => this.#registries(),
      readiness: this.#readiness(),
      liveness: [],
      role: () => this.#elector.role,
      warnings: warningsOf(config),
      ...(config.metricsAuthorization ? { guard: guardBy({ client: this.#kubernetes.client, clock, audit: this.#audit }) } : {}),
    });
    logger.info("Hub listens", { url: this.#api.url });
    await this.#debugging.start();
    this.#startWebhook();
    for (const informer of informersOf(this.#kubernetes)) informer.start();
    const nats = await this.#first.made();
    if (nats === undefined) return;
    this.#nats = nats;
    this.#natsConnected = linkState(nats);
    void followErrors(nats, onceAMinute(this.#options.clock, (error) => logger.error("NATS answered with an error", reasonFields(error))));
    this.#elector.start((term) => this.#lead(term, nats));
  }

  /** Ends all work, writers before what they write to, and gives the lease back. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#elector.stop();
    // Before what it decides by.
    await this.#webhook?.stop();
    await Promise.all(informersOf(this.#kubernetes).map((informer) => informer.stop()));
    await this.#nats?.close();
    await this.#debugging.close();
    await this.#api?.close();
    await this.#audit.close();
  }

  /** Reviews what users change, where the flags ask for it. */
  #makeWebhook(): AdmissionWebhook | undefined {
    const { config, fail } = this.#options;
    if (config.webhook === undefined) return undefined;
    const { client } = this.#kubernetes;
    const reviewer = makeReviewer({ ...this.#options, kubernetes: this.#kubernetes, audit: this.#audit });
    return new AdmissionWebhook({ ...this.#options, config: config.webhook, namespace: config.leaseNamespace, client, reviewer, registry: this.#registry, leads: () => this.#elector.role === "active", fail });
  }

  #startWebhook(): void {
    if (this.#webhook !== undefined) return this.#webhook.start();
    this.#options.logger.warn("Changes of monitors are not reviewed before they are stored", { reason: unreviewedWarning(this.#options.config) });
  }

  /** The whole of one term. Its work is made anew: what an earlier term knew may be wrong by now. */
  async #lead(term: Term, nats: NatsConnection): Promise<void> {
    // What the leader before wrote last must be known: a picture from before would take it back.
    const pictures = Promise.all(informersOf(this.#kubernetes).map((informer) => informer.refresh()));
    await Promise.race([pictures, untilAborted(term.retired)]);
    await this.#prepareStreams(nats, term.retired);
    if (term.retired.aborted) return;
    const registry = new Registry();
    const work = new Work({ ...this.#options, audit: this.#audit, kubernetes: this.#kubernetes, nats, fence: term, onOverruled: () => term.retire(), around: [this.#spans, ...this.#debugging.around], metrics: this.#metrics, registry });
    this.#active = { work, registry };
    const keeping = this.#keepStreams({ nats, work, signal: term.retired });
    await untilAborted(term.retired);
    this.#active = undefined;
    await this.#inTime(Promise.all([keeping, work.stop()]));
  }

  /** A term that does not end would keep the next one from beginning: a new process is better then. */
  async #inTime(ending: Promise<unknown>): Promise<void> {
    const ended = new AbortController();
    const limit = sleep(this.#options.clock, STOP_LIMIT_MS, ended.signal).then(() => ended.signal.aborted);
    const inTime = await Promise.race([ending.then(() => true), limit]);
    ended.abort();
    if (!inTime) this.#options.fail(new StopTimeout("STOP_TIMEOUT", `the leader's work did not end within ${STOP_LIMIT_MS / 1000} s`));
  }

  #enqueue(controller: string, key: string): Enqueued {
    return this.#active === undefined ? "standby" : this.#active.work.enqueue(controller, key);
  }

  /** Tries until it succeeds: a NATS without JetStream yet, or without a leader, will come round. */
  async #prepareStreams(nats: NatsConnection, signal: AbortSignal): Promise<void> {
    const { clock, random, config, logger } = this.#options;
    const backoff = exponentialBackoff({ baseMs: 200, maxMs: 5000, random });
    while (!signal.aborted) {
      try {
        const created = await reconcileStreams(nats, config.natsReplicas);
        if (created.length > 0) logger.info("Streams were made", { streams: created });
        return;
      } catch (error) {
        logger.warn("Streams cannot be prepared yet", errorFields(error));
        await sleep(clock, backoff.next(), signal);
      }
    }
  }

  /** Streams that vanish, or that somebody changes, are made again: all of NATS is a projection that can be rebuilt. */
  async #keepStreams({ nats, work, signal }: { nats: NatsConnection; work: Work; signal: AbortSignal }): Promise<void> {
    const { clock, config, logger } = this.#options;
    while (!signal.aborted) {
      await sleep(clock, KEEP_STREAMS_MS, signal);
      if (signal.aborted || nats.isClosed() || this.#elector.role !== "active") continue;
      try {
        const created = await reconcileStreams(nats, config.natsReplicas);
        if (created.length === 0) continue;
        this.#streamsRecreated.inc(created.length);
        logger.warn("Streams were gone and have been made again", { streams: created });
        work.equipClusters();
      } catch (error) {
        logger.warn("Streams cannot be looked after now", errorFields(error));
      }
    }
  }

  /** Whose metrics are served: of the process, and of its work while it leads. What tells of a namespace goes with its last monitor. */
  #registries(): Registry[] {
    const { monitors } = this.#kubernetes;
    if (monitors.synced) this.#metrics.keepNamespaces(new Set(monitors.all().map(({ metadata }) => metadata.namespace ?? "")));
    return this.#active === undefined ? [this.#registry] : [this.#registry, this.#active.registry];
  }

  #readiness(): ReadinessCheck[] {
    const { monitors, registrations, namespaces, policies } = this.#kubernetes;
    const leads = (): boolean => this.#elector.role === "active";
    return [
      check("httpmonitors", () => monitors.synced, "the list of HTTPMonitors has not been read, or its watch is stale"),
      check("clusterregistrations", () => registrations.synced, "the list of ClusterRegistrations has not been read, or its watch is stale"),
      check("namespaces", () => namespaces.synced, "the list of Namespaces has not been read, or its watch is stale"),
      check("monitorpolicies", () => policies.synced, "the list of MonitorPolicies has not been read, or its watch is stale"),
      { name: "nats", missing: () => (this.#natsConnected() ? undefined : ["not connected to NATS", this.#first.reason].filter((part) => part !== undefined).join(": ")) },
      { name: "audit", missing: () => (this.#audit.missing === undefined ? undefined : `the audit log cannot be written: ${this.#audit.missing}`) },
      { name: "leader", missing: () => this.#elector.missing },
      { name: "webhook", missing: () => this.#webhook?.missing },
      check("assignments", () => !leads() || this.#active?.work.assignmentsReady === true, "the stored assignments have not been read"),
      check("results", () => !leads() || this.#active?.work.resultsReady === true, "the stored results have not been read"),
    ];
  }
}

function check(name: string, holds: () => boolean, otherwise: string): ReadinessCheck {
  return { name, missing: () => (holds() ? undefined : otherwise) };
}

function warningsOf(config: HubConfig): Record<string, string> {
  const unreviewed = unreviewedWarning(config);
  return unreviewed === undefined ? {} : { webhook: unreviewed };
}

function natsSettings({ natsServers, keysDir, natsCaFile }: HubConfig): NatsSettings {
  return { servers: natsServers, credentials: credsFile(join(keysDir, KEY_FILES.hubCreds)), name: "sightline-hub", ...(natsCaFile === undefined ? {} : { caFile: natsCaFile }) };
}

/**
 * An identity that no other process ever has. Where a name was given, the last process of that name is known to have
 * ended when this one starts; host name and process ID say no such thing: containers share both.
 */
function identify(name: string | undefined): { identity: string; isPredecessor: (holder: string) => boolean } {
  const nonce = randomUUID().slice(0, 8);
  if (name === undefined) return { identity: `${hostname()}-${process.pid}-${nonce}`, isPredecessor: () => false };
  return { identity: `${name}/${nonce}`, isPredecessor: (holder) => holder.startsWith(`${name}/`) };
}
