import { join } from "node:path";
import { mkdir } from "node:fs/promises";
import type { Clock } from "@sightline/shared";
import { type AgentLink, FirstConnection, onceAMinute } from "@sightline/shared/nats";
import { headsSignedBy } from "@sightline/shared/identity";
import type { CompleteSet, IsAuthentic } from "@sightline/shared/protocol";
import { type Logger, reasonFields, type Tracer } from "@sightline/shared/telemetry";
import type { Heartbeat, ProbeResult } from "@sightline/shared/wire";
import { takeAgentEpoch } from "./agent-epoch.ts";
import { AssignmentFollower } from "./assignments/follower.ts";
import { type ReadSet, readSet } from "./assignments/read-set.ts";
import { SetStore } from "./assignments/set-store.ts";
import { DEFAULT_HEARTBEAT_INTERVAL_MS, Heartbeats } from "./heartbeat.ts";
import { serveHttp } from "./http-server.ts";
import { type AgentFigures, agentMetrics, type AgentMetrics } from "./metrics.ts";
import { MonitorState } from "./monitor-state.ts";
import { notProbed } from "./not-probed.ts";
import { Outbox } from "./outbox/outbox.ts";
import { EgressGuard } from "./probe/egress/guard.ts";
import { Surroundings } from "./probe/egress/surroundings.ts";
import { Prober } from "./probe/probe.ts";
import { unbracketed } from "./probe/target.ts";
import { ProbeRunner, type ScheduledCheck } from "./probe-runner.ts";
import { type Opener, SecretHeaders } from "./secrets/secret-headers.ts";
import { scheduleChanges } from "./schedule/changes.ts";
import { Scheduler } from "./schedule/scheduler.ts";
import { AGENT_VERSION } from "./version.ts";

export interface AgentOptions {
  cluster: string;
  dataDir: string;
  /** Hosts of NATS and of the Kubernetes API, addresses of the node, and whatever else is named: no monitor may reach them. */
  natsServers: () => readonly string[];
  kubernetesHost: string | undefined;
  nodeAddress: readonly string[];
  protectedAddress: readonly string[];
  listen: { host: string; port: number };
  userAgent: string;
  maxConcurrency: number;
  traceRatio: number;
  /** Public keys of the hub (`N…`): a head that none of them signed is not followed. */
  hubKeys: () => readonly string[];
  tracer: Tracer;
  clock: Clock;
  random: () => number;
  log: Logger;
  /** Connects to NATS, in one attempt. */
  connect: () => Promise<AgentLink>;
  /** Opens what is sealed to this agent; undefined before it has enrolled. */
  opener?: () => Opener | undefined;
  /** Why this agent has no right to work (any more), for /readyz; undefined while it has. */
  unfit?: () => string | undefined;
  /** Whether the hub has said that this agent may not work: then it probes nothing, and keeps its set. */
  shutOut?: { readonly reason: string | undefined; watch(listener: () => void): void };
  /** Told when the connection to NATS is there, is lost, and is back. */
  connected?: (is: boolean) => void;
}

/** All of stopping ends within 5 s: a kubelet's patience is finite, and the outbox is on disk anyway. */
const FLUSH_LIMIT_MS = 4000;

const NOTHING: ReadSet = { checks: new Map(), unreadable: [] };

/** One agent: probes by the complete set that it holds, whatever becomes of hub and NATS. */
export class Agent {
  readonly #options: AgentOptions;
  readonly #epoch: number;
  readonly #store: SetStore;
  readonly #egress = new EgressGuard();
  readonly #surroundings: Surroundings;
  readonly #prober: Prober;
  readonly #outbox: Outbox;
  readonly #runner: ProbeRunner;
  readonly #scheduler: Scheduler<ScheduledCheck>;
  readonly #follower: AssignmentFollower;
  readonly #heartbeats: Heartbeats;
  readonly #metrics: AgentMetrics;
  readonly #monitors = new MonitorState();
  #running = NOTHING;
  readonly #first: FirstConnection<AgentLink>;
  #link: AgentLink | undefined;
  #http: { address: string; close(): Promise<void> } | undefined;
  readonly #stopping = new AbortController();

  private constructor(options: AgentOptions, found: { epoch: number; isAuthentic: IsAuthentic; store: SetStore; stored: CompleteSet | undefined }) {
    const { cluster, clock, random, log } = options;
    this.#options = options;
    this.#epoch = found.epoch;
    this.#store = found.store;
    this.#surroundings = new Surroundings({ clock, protectedAddresses: options.protectedAddress, nodeAddresses: options.nodeAddress, kubernetesHost: options.kubernetesHost, natsHosts: () => [...options.natsServers().map(hostOf), ...(this.#link?.serverHosts ?? [])], onChange: (own) => this.#egress.protect(own) });
    this.#prober = new Prober({ clock, egress: this.#egress });
    this.#outbox = new Outbox({ directory: join(options.dataDir, "outbox"), clock, random, log });
    this.#runner = new ProbeRunner({ ...options, agentEpoch: found.epoch, prober: this.#prober, outbox: this.#outbox, secrets: new SecretHeaders({ cluster, opener: options.opener ?? (() => undefined) }), region: () => this.#region(), isCurrent: (uid, hash) => this.#isCurrent(uid, hash), onResult: (result) => this.#record(result) });
    this.#scheduler = new Scheduler({ cluster, clock, maxConcurrency: options.maxConcurrency, start: (due) => this.#runner.start(due), skipped: () => this.#metrics.skipped.inc() });
    this.#follower = new AssignmentFollower({ cluster, clock, random, log, isAuthentic: found.isAuthentic, stored: found.stored, onSet: (set) => this.#switchTo(set) });
    this.#heartbeats = new Heartbeats({ cluster, clock, random, intervalMs: () => this.#follower.active?.head.settings.heartbeatIntervalMs ?? DEFAULT_HEARTBEAT_INTERVAL_MS, facts: () => this.#facts() });
    this.#first = new FirstConnection({ ...options, signal: this.#stopping.signal, onFailure: (error) => log.error("Connecting to NATS failed", reasonFields(error)) });
    this.#metrics = agentMetrics({ cluster, region: () => this.#region(), monitors: this.#monitors, figures: () => this.#figures() });
  }

  /** Loads what is on disk, goes on probing by it, and connects. Resolves when probing runs; the connection may come later. */
  static async start(options: AgentOptions): Promise<Agent> {
    await mkdir(options.dataDir, { recursive: true });
    const isAuthentic = headsSignedBy(options.hubKeys);
    const store = new SetStore(options.dataDir, { ...options, isAuthentic });
    const agent = new Agent(options, { epoch: await takeAgentEpoch(options.dataDir, options.clock), isAuthentic, store, stored: await store.load() });
    await agent.#surroundings.start();
    agent.#followStanding();
    agent.#http = await serveHttp({ ...options.listen, metrics: () => agent.#metrics.render(), readiness: () => agent.#readiness(), log: options.log });
    options.log.info("The agent is running", { cluster: options.cluster, version: AGENT_VERSION, agentEpoch: agent.#epoch, listen: agent.#http.address, checks: agent.#scheduler.size });
    void agent.#connect();
    return agent;
  }

  /** Where `/metrics` is served, as host:port. */
  get address(): string {
    return this.#http?.address ?? "";
  }

  /** Stops probing, publishes what waits (at most 4 s; the rest is on disk), and lets go of everything. */
  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    this.#scheduler.stop();
    this.#follower.stop();
    const stored = this.#store.flush();
    await this.#outbox.close(FLUSH_LIMIT_MS);
    this.#heartbeats.shut();
    this.#surroundings.stop();
    this.#prober.close();
    await Promise.all([stored, this.#link?.close(), this.#http?.close()]);
    this.#options.log.info("The agent has stopped", { queued: this.#outbox.queued, lost: this.#outbox.lost });
  }

  /** Probes while the hub has not said that this agent may not: its silence is no reason to stop. */
  #followStanding(): void {
    const { shutOut, log } = this.#options;
    shutOut?.watch(() => {
      if (shutOut.reason === undefined) log.info("Probing goes on: the hub lets this agent work");
      this.#stand();
    });
    this.#stand();
  }

  #stand(): void {
    const { shutOut, log } = this.#options;
    if (shutOut?.reason === undefined) return this.#resume();
    log.warn("Nothing is probed: the hub does not let this agent work", { reason: shutOut.reason });
    for (const uid of this.#running.checks.keys()) this.#drop(uid);
    this.#running = NOTHING;
  }

  /** The set that is held goes on at its phases: neither a restart nor a return makes a burst. */
  #resume(): void {
    const stored = this.#follower.active;
    if (stored === undefined) return;
    this.#egress.follow(stored.head.settings.egress);
    this.#running = this.#read(stored);
    const changes = scheduleChanges(new Map(), this.#running.checks);
    this.#scheduler.goOn(changes.started.map((check) => scheduled(check)));
  }

  async #connect(): Promise<void> {
    const { clock, log } = this.#options;
    const link = await this.#first.made();
    if (link === undefined) return;
    this.#link = link;
    this.#options.connected?.(true);
    log.info("Connected to NATS");
    const error = onceAMinute(clock, (said) => log.error("NATS answered with an error", reasonFields(said)));
    link.watch({ connection: (connected) => this.#connectionChanged(link, connected), error });
    this.#open(link);
    // A first set comes only now, and NATS has told of further servers: they are out of reach before anything is probed.
    await this.#surroundings.settle();
    await this.#follower.follow(link.assignments);
  }

  #connectionChanged(link: AgentLink, connected: boolean): void {
    this.#options.log.info("The connection to NATS changed", { connected });
    this.#options.connected?.(connected);
    if (this.#stopping.signal.aborted) return;
    if (connected) {
      this.#open(link);
      void this.#follower.reconnected();
    } else {
      this.#outbox.shut();
      this.#heartbeats.shut();
    }
  }

  #open(link: AgentLink): void {
    void this.#surroundings.look();
    this.#heartbeats.open((heartbeat) => link.sendHeartbeat(heartbeat));
    this.#outbox.open((partition, batch) => link.publishResults(partition, batch));
  }

  /** The one step in which a new set takes effect. */
  #switchTo(set: CompleteSet): void {
    const next = this.#read(set);
    this.#egress.follow(set.head.settings.egress);
    this.#prober.dropDenied();
    const changes = scheduleChanges(this.#running.checks, next.checks);
    this.#running = next;
    for (const uid of changes.stopped) this.#drop(uid);
    this.#scheduler.goOn(changes.kept.map((check) => scheduled(check)));
    for (const { assignment } of changes.started) this.#runner.forget(assignment.uid);
    this.#scheduler.startNow(changes.started.map((check) => scheduled(check)));
    this.#scheduler.probeNow(changes.requested.map((check) => scheduled(check)));
    const { epoch, generation, count } = set.head;
    this.#options.log.info("Switched to a new assignment set", { epoch, generation, count, started: changes.started.length, stopped: changes.stopped.length, requested: changes.requested.length });
    this.#store.save(set);
    this.#heartbeats.beat();
  }

  #drop(uid: string): void {
    this.#scheduler.remove(uid);
    this.#runner.forget(uid);
    this.#monitors.forget(uid);
  }

  /** What of a set is to be probed. */
  #read(set: CompleteSet): ReadSet {
    if (this.#options.shutOut?.reason !== undefined) return NOTHING;
    const read = readSet(set);
    for (const { subject, reason } of read.unreadable) this.#options.log.warn("An assignment cannot be read and is not run", { subject, reason });
    return read;
  }

  #isCurrent(uid: string, checkHash: string): boolean {
    const assignment = this.#running.checks.get(uid)?.assignment;
    return assignment !== undefined && !assignment.suspend && assignment.checkHash === checkHash && !this.#stopping.signal.aborted;
  }

  #record(result: ProbeResult): void {
    this.#metrics.probes.inc({ result: result.success ? "success" : "failed" });
    this.#monitors.record(result);
  }

  #region(): string {
    return this.#follower.active?.head.settings.region ?? "";
  }

  #facts(): Omit<Heartbeat, "sequence" | "sentAt" | "heartbeatIntervalMs"> {
    const held = this.#follower.active?.head;
    return {
      agentEpoch: this.#epoch,
      agentVersion: AGENT_VERSION,
      held: held === undefined ? null : { epoch: held.epoch, generation: held.generation, count: held.count, checksum: held.checksum },
      probesPerSecond: this.#probesPerSecond(),
      outbox: { queued: this.#outbox.queued, lost: this.#outbox.lost },
      assignmentResets: this.#follower.resets,
      ...notProbed({ overloaded: this.#scheduler.starved, unreadable: this.#running.unreadable }),
    };
  }

  #probesPerSecond(): number {
    let sum = 0;
    for (const { assignment } of this.#running.checks.values()) if (!assignment.suspend) sum += 1000 / assignment.check.intervalMs;
    return sum;
  }

  #figures(): AgentFigures {
    const held = this.#follower.active?.head;
    return {
      checks: this.#scheduler.size,
      checksNotProbed: this.#scheduler.starved.size + this.#running.unreadable.length,
      probesRunning: this.#scheduler.running,
      probesWaiting: this.#scheduler.waiting,
      outboxQueued: this.#outbox.queued,
      outboxLost: this.#outbox.lost,
      assignmentResets: this.#follower.resets,
      unreadableAssignments: this.#running.unreadable.length,
      unreadableHeads: this.#follower.unreadableHeads,
      forgedHeads: this.#follower.forgedHeads,
      held: { epoch: held?.epoch ?? 0, generation: held?.generation ?? 0, count: held?.count ?? 0 },
      natsConnected: this.#link?.connected ?? false,
    };
  }

  #readiness(): Record<string, string | undefined> {
    const knowsAssignments = this.#follower.active !== undefined || this.#link !== undefined;
    const { reason } = this.#first;
    return {
      assignments: knowsAssignments ? undefined : `no assignment set on disk, and NATS was not reached yet${reason === undefined ? "" : `: ${reason}`}`,
      nats: this.#link?.refused === true ? `the agent's credentials may not speak for cluster ${this.#options.cluster}` : undefined,
      identity: this.#options.unfit?.(),
    };
  }
}

/** The host of a NATS server's URL, whose scheme may be left out. */
function hostOf(server: string): string {
  return unbracketed(URL.parse(`http://${server.replace(/^\w+:\/\//, "")}`)?.hostname ?? "");
}

function scheduled(check: { assignment: ScheduledCheck["assignment"]; traceparent?: string }): ScheduledCheck {
  return { ...check, uid: check.assignment.uid, intervalMs: check.assignment.check.intervalMs };
}
