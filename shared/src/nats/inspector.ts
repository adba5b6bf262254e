import { type ConsumerInfo, type JetStreamAccountStats, JetStreamApiError, jetstreamManager, type JetStreamManager, type StreamInfo } from "@nats-io/jetstream";
import { errors, type NatsConnection } from "nats";
import { messageOf } from "../errors.ts";
import { parseHead, type Position } from "../wire/head.ts";
import { agentConsumer, ASSIGNMENT_STREAM, headSubject } from "../wire/subjects.ts";
import { connectNats, type NatsSettings } from "./connection.ts";
import { agentConsumerDrift } from "./consumers.ts";
import type { Drift } from "./drift.ts";
import { isStreamMissing, type StoredMessage, storedMessage } from "./stored-message.ts";
import { streamDrift, wantedStreams } from "./streams.ts";

export interface ServerReport {
  name: string;
  version: string;
  tls: boolean;
}

/** One stream compared with what the hub wants. */
export interface StreamReport {
  name: string;
  /** False: there is no such stream, and all else is empty. */
  exists: boolean;
  drift: Drift[];
  replicas: number;
  /** Peers of a replicated stream other than its leader. */
  peers: { name: string; offline: boolean; current: boolean }[];
  /** False while nobody leads it. */
  led: boolean;
  bytes: number;
  /** When the server said this, on its clock; milliseconds since the Unix epoch. */
  saidAt: number | undefined;
}

export interface HeadReport {
  cluster: string;
  /** Undefined: what is stored there is no head, and `unreadable` says why. */
  position: Position | undefined;
  unreadable?: string;
  /** On the server's clock, milliseconds since the Unix epoch. */
  storedAt: number;
}

/** JetStream of the account. Bytes; a limit of -1 is none. */
export interface AccountReport {
  storage: number;
  memory: number;
  maxStorage: number;
  maxMemory: number;
}

/**
 * Looks at NATS as the hub uses it, and changes nothing. Each look stands for itself: one that the user may not take
 * rejects, with the server's reason, and the others go on.
 */
export class NatsInspector {
  readonly #connection: NatsConnection;
  readonly #timeoutMs: number;
  #manager: Promise<JetStreamManager> | undefined;

  /** @param timeoutMs how long each answer may take. */
  constructor(connection: NatsConnection, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
  }

  get server(): ServerReport {
    const info = this.#connection.info;
    return { name: info?.server_name ?? "", version: info?.version ?? "", tls: info?.tls_required === true || info?.tls_available === true };
  }

  /** Undefined where JetStream is off, for the account or altogether. */
  async account(): Promise<AccountReport | undefined> {
    const manager = await this.#jetstream();
    const stats = await unlessDisabled(manager.getAccountInfo());
    if (stats === undefined) return undefined;
    const { storage, memory, limits } = stats;
    return { storage, memory, maxStorage: limits.max_storage, maxMemory: limits.max_memory };
  }

  /** @param replicas undefined: any number will do. */
  async streams(replicas: number | undefined): Promise<StreamReport[]> {
    const manager = await this.#jetstream();
    return Promise.all(
      wantedStreams(replicas ?? 1).map(async (wanted) => {
        const info = await found(manager.streams.info(wanted.name));
        if (info === undefined) return absent(wanted.name);
        const drift = streamDrift(info.config, wanted).filter(({ field }) => field !== "num_replicas" || replicas !== undefined);
        return reportOf(info, drift);
      }),
    );
  }

  /** How the consumer of each cluster's agent differs from what it should be; undefined where there is none. */
  async consumers(clusters: readonly string[], ordinal: number): Promise<Map<string, Drift[] | undefined>> {
    const manager = await this.#jetstream();
    const known = new Map<string, ConsumerInfo>();
    for await (const consumer of manager.consumers.list(ASSIGNMENT_STREAM)) known.set(consumer.name, consumer);
    return new Map(clusters.map((cluster) => [cluster, driftIn(known, cluster, ordinal)]));
  }

  /** The heads of those clusters that have one. One that cannot be read hides no other. */
  async heads(clusters: readonly string[]): Promise<HeadReport[]> {
    const heads: HeadReport[] = [];
    for (const cluster of clusters) {
      const report = headReport(cluster, await storedMessage(this.#connection, ASSIGNMENT_STREAM, { subject: headSubject(cluster) }, this.#timeoutMs));
      if (report !== undefined) heads.push(report);
    }
    return heads;
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  #jetstream(): Promise<JetStreamManager> {
    this.#manager ??= jetstreamManager(this.#connection, { checkAPI: false, timeout: this.#timeoutMs });
    return this.#manager;
  }
}

/** Of a head as it is stored; undefined where there is none. Pure. */
export function headReport(cluster: string, stored: StoredMessage | undefined): HeadReport | undefined {
  if (stored?.payload === undefined || stored.payload === null) return undefined;
  const { storedAt } = stored;
  try {
    const { epoch, generation } = parseHead(stored.payload);
    return { cluster, position: { epoch, generation }, storedAt };
  } catch (error) {
    return { cluster, position: undefined, unreadable: messageOf(error), storedAt };
  }
}

export interface InspectorSettings extends Omit<NatsSettings, "onceWithinMs"> {
  /** How long connecting, and each answer, may take. Milliseconds. */
  timeoutMs: number;
}

/** Connects once, without trying again. @throws SightlineError NATS_FILE_UNREADABLE, or NATS_UNAVAILABLE with the reason. */
export async function inspectNats({ timeoutMs, ...settings }: InspectorSettings): Promise<NatsInspector> {
  return new NatsInspector(await connectNats({ ...settings, onceWithinMs: timeoutMs }), timeoutMs);
}

/** err_code where an account has no JetStream. */
const NOT_ENABLED_FOR_ACCOUNT = 10039;

async function unlessDisabled(asked: Promise<JetStreamAccountStats>): Promise<JetStreamAccountStats | undefined> {
  try {
    return await asked;
  } catch (error) {
    const nobody = error instanceof errors.RequestError && error.isNoResponders();
    if (nobody || (error instanceof JetStreamApiError && error.code === NOT_ENABLED_FOR_ACCOUNT)) return undefined;
    throw error;
  }
}

async function found<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isStreamMissing(error)) return undefined;
    throw error;
  }
}

function driftIn(known: ReadonlyMap<string, ConsumerInfo>, cluster: string, ordinal: number): Drift[] | undefined {
  const info = known.get(agentConsumer(cluster, ordinal));
  return info === undefined ? undefined : agentConsumerDrift(info.config, cluster, ordinal);
}

function absent(name: string): StreamReport {
  return { name, exists: false, drift: [], replicas: 0, peers: [], led: false, bytes: 0, saidAt: undefined };
}

function reportOf(info: StreamInfo, drift: Drift[]): StreamReport {
  const { config, cluster, state } = info;
  // The client's type leaves it out; the server says it since 2.10.
  const said: unknown = Reflect.get(info, "ts");
  const saidAt = typeof said === "string" ? Date.parse(said) : Number.NaN;
  return {
    name: config.name,
    exists: true,
    drift,
    replicas: config.num_replicas,
    peers: (cluster?.replicas ?? []).map(({ name, offline, current }) => ({ name, offline, current })),
    // A server that stands alone says nothing of a cluster, and leads.
    led: cluster === undefined || cluster.leader !== undefined,
    bytes: state.bytes,
    saidAt: Number.isNaN(saidAt) ? undefined : saidAt,
  };
}
