import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { systemClock } from "@sightline/shared";
import { connectNats, credsFile, type NatsConnection, reconcileStreams, StreamReader } from "@sightline/shared/nats";
import { type CompleteSet, Staging } from "@sightline/shared/protocol";
import { silentLogger } from "@sightline/shared/telemetry";
import { ASSIGNMENT_STREAM, parseAssignment, parseAssignmentSubject } from "@sightline/shared/wire";
import { afterAll, afterEach } from "vitest";

import { type AssignmentWriterOptions, defaultLimits, StreamAssignmentWriter } from "../../../hub/src/assignments/assignment-writer.ts";
import { isTestHubs, testHubKey } from "../../kit/test-keys.ts";
import { waitUntil } from "../../kit/wait.ts";
import { type Nats, startNats } from "../../sandbox/mod.ts";
import { needsServers } from "../../sandbox/test-needs.ts";

/** One nats-server for a suite, and a fresh set of streams for each of its tests. */
export interface Bench {
  readonly nats: () => Nats;
  /** A connection of the hub; closed after the test. */
  connect(): Promise<NatsConnection>;
  /** A running, ready writer; stopped after the test. */
  writer(options: Partial<AssignmentWriterOptions>): Promise<StreamAssignmentWriter>;
  /** An observer of every cluster; stopped after the test. */
  observe(): Promise<Observer>;
}

export function natsBench(): Bench {
  let nats: Nats | undefined;
  let dir = "";
  const cleanups: (() => Promise<unknown>)[] = [];
  const server = (): Nats => {
    if (nats === undefined) throw new Error("nats-server does not run");
    return nats;
  };
  const connect = async (): Promise<NatsConnection> => {
    const { url, caFile, hubCredsFile } = server().nats;
    const connection = await connectNats({ servers: [url], caFile, credentials: credsFile(hubCredsFile), name: "test" });
    cleanups.push(() => connection.close());
    await reconcileStreams(connection, 1);
    return connection;
  };
  needsServers(async () => {
    dir = await mkdtemp(path.join(tmpdir(), "sightline-nats-"));
    nats = await startNats({ dir: path.join(dir, "nats"), clusters: [] });
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
    if (nats === undefined) return;
    const connection = await connect();
    for (const stream of [ASSIGNMENT_STREAM, "KV_CKPT", "results", "parked"]) await connection.request(`$JS.API.STREAM.DELETE.${stream}`);
    for (const cleanup of cleanups.splice(0)) await cleanup();
  });
  afterAll(async () => {
    await nats?.stop();
    await rm(dir, { recursive: true, force: true });
  });
  return {
    nats: server,
    connect,
    async writer(options) {
      const writer = startWriter({ connection: options.connection ?? (await connect()), ...options });
      cleanups.push(() => writer.stop());
      await waitUntil({ what: "the writer to be ready", timeoutMs: 10_000, everyMs: 5 }, () => writer.ready);
      return writer;
    },
    async observe() {
      const observer = new Observer(await connect());
      cleanups.push(() => observer.stop());
      return observer;
    },
  };
}

export { changeOf, clusterNames, uidOf } from "./changes.ts";

export function startWriter(options: Partial<AssignmentWriterOptions> & { connection: NatsConnection }): StreamAssignmentWriter {
  const writer = new StreamAssignmentWriter({
    clock: systemClock,
    random: Math.random,
    log: silentLogger,
    signing: testHubKey,
    settings: () => ({ region: "eu-west-1", heartbeatIntervalMs: 1000 }),
    seenEpochs: () => [],
    expectedMonitors: () => [],
    onDrift: () => undefined,
    mayWrite: () => true,
    onFenced: () => undefined,
    limits: defaultLimits,
    times: { commitTimeoutMs: 5000, repairIntervalMs: 100, checkIntervalMs: 100, auditIntervalMs: 3_600_000, complainIntervalMs: 60_000 },
    ...options,
  });
  writer.start();
  return writer;
}

/** Stages every cluster's messages as its agent does, and keeps every set that an agent would have switched to. */
export class Observer {
  readonly accepted: { cluster: string; set: CompleteSet }[] = [];
  readonly #agents = new Map<string, Staging>();
  readonly #reader: StreamReader;

  constructor(connection: NatsConnection) {
    this.#reader = new StreamReader(
      { connection, stream: ASSIGNMENT_STREAM, clock: systemClock, checkIntervalMs: 100, random: Math.random, onError: () => undefined },
      {
        position: () => undefined,
        begin: () => this.#agents.forEach((agent) => agent.startOver()),
        message: (message) => {
          const cluster = parseAssignmentSubject(message.subject)?.cluster;
          if (cluster === undefined) return;
          const agent = this.#agents.get(cluster) ?? new Staging(cluster, isTestHubs);
          this.#agents.set(cluster, agent);
          const set = agent.receive(message);
          if (set !== undefined) this.accepted.push({ cluster, set });
        },
        caughtUp: () => undefined,
      },
    );
    this.#reader.start();
  }

  /** What the cluster's agent runs now: the URL of each monitor, by UID. */
  runs(cluster: string): Record<string, string> {
    return urlsOf(this.#agents.get(cluster)?.active);
  }

  /** What the cluster's agent holds, as its heartbeat says. */
  held(cluster: string): CompleteSet["head"] | null {
    return this.#agents.get(cluster)?.active?.head ?? null;
  }

  stop(): Promise<void> {
    return this.#reader.stop();
  }
}

export function urlsOf(set: CompleteSet | undefined): Record<string, string> {
  const assignments = [...(set?.payloads.values() ?? [])].map((payload) => parseAssignment(payload).data);
  return Object.fromEntries(assignments.map(({ uid, check }) => [uid, check.url]));
}

/** A view of a connection on which something goes wrong with requests. */
export function withRequests(connection: NatsConnection, request: (send: () => Promise<unknown>, subject: string) => Promise<unknown>): NatsConnection {
  return new Proxy(connection, {
    get(target, property) {
      if (property === "request") return (...args: Parameters<NatsConnection["request"]>) => request(() => target.request(...args), args[0]);
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? (...args: unknown[]): unknown => Reflect.apply(value, target, args) : value;
    },
  });
}
