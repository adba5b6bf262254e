import type { NatsConnection } from "nats";
import { SightlineError } from "../errors.ts";
import { type SigningKey, signingKeyOf } from "../identity/signing.ts";
import { decodeJson } from "../wire/cloud-event.ts";
import { compileSchema } from "../wire/schema.ts";
import { agentInboxPrefix, heartbeatSubject, resultSubject } from "../wire/subjects.ts";
import { assignmentReader, type AssignmentReader } from "./assignment-reader.ts";
import { connectNats, type NatsSettings } from "./connection.ts";
import type { LiveCredentials } from "./credentials.ts";
import { followErrors, followLink } from "./link-state.ts";
import { Refusals } from "./refusals.ts";
import { signedHeaders } from "./stream-message.ts";

export interface LinkListener {
  /** The connection was lost, or is back. */
  connection(connected: boolean): void;
  /** NATS sent an error, such as a subject that this key may not use. */
  error(error: SightlineError): void;
}

/** Everything that an agent does with NATS. */
export interface AgentLink {
  /** False while the connection is lost: nothing should be sent then. */
  readonly connected: boolean;
  /** True while NATS refuses what this agent sends or asks for: the key is not that of its cluster. */
  readonly refused: boolean;
  /** Names or addresses of the servers that are known by now, also of those that a server told of. */
  readonly serverHosts: readonly string[];
  readonly assignments: AssignmentReader;
  /**
   * Stores one batch of results in the hub's stream, signed by the agent's key of this moment: what waited on disk, too.
   * @throws SightlineError RESULT_NOT_STORED when the stream did not say that it is stored. It may be stored all the same.
   */
  publishResults(partition: number, batch: Uint8Array): Promise<void>;
  /** Sends a signed heartbeat; nobody answers it. */
  sendHeartbeat(heartbeat: Uint8Array): void;
  /** Tells of all that happens to the connection, until it is closed. */
  watch(listener: LinkListener): void;
  close(): Promise<void>;
}

/** A publish that is not acknowledged by then is tried again. */
const PUBLISH_TIMEOUT_MS = 5000;

const validatePubAck = compileSchema<{ stream?: string; error?: { code?: number; description?: string } }>({
  type: "object",
  properties: {
    stream: { type: "string" },
    error: { type: "object", properties: { code: { type: "integer" }, description: { type: "string" } } },
  },
});

/** One replica of a cluster's agent. */
export interface AgentReplica {
  cluster: string;
  ordinal: number;
  /** What it signs all that it sends with. */
  key: () => SigningKey;
}

/**
 * Connects as one agent replica, in one attempt; then reconnects for ever. The inbox prefix is the cluster's own.
 * @param replica where it names no key, the one of the credentials signs: as NATS is shown it, also after an exchange.
 */
export async function connectAgentLink(settings: NatsSettings, replica: Omit<AgentReplica, "key"> & Partial<AgentReplica>): Promise<AgentLink> {
  const credentials = settings.credentials();
  const connection = await connectNats({ ...settings, credentials: () => credentials, inboxPrefix: agentInboxPrefix(replica.cluster) });
  return agentLink(connection, { key: keyIn(credentials), ...replica });
}

/** The key of the credentials as they are at the time of asking. */
function keyIn(credentials: LiveCredentials): () => SigningKey {
  let made: { seed: Uint8Array; key: SigningKey } | undefined;
  return () => {
    const { seed } = credentials.current;
    if (made?.seed !== seed) made = { seed, key: signingKeyOf(new TextDecoder().decode(seed)) };
    return made.key;
  };
}

export function agentLink(connection: NatsConnection, { cluster, ordinal, key }: AgentReplica): AgentLink {
  let connected = true;
  const refusals = new Refusals();
  const listeners = new Set<LinkListener>();
  void followLink(connection, (now) => {
    connected = now;
    if (now) refusals.reconnected();
    for (const listener of listeners) listener.connection(now);
  });
  void followErrors(connection, (error) => {
    if (error.code === "NATS_REFUSED") refusals.add();
    for (const listener of listeners) listener.error(error);
  });
  return {
    get connected() {
      return connected;
    },
    get refused() {
      return refusals.lasting;
    },
    get serverHosts() {
      return connection.getServers().map(({ hostname }) => hostname);
    },
    assignments: assignmentReader(connection, cluster, ordinal),
    publishResults: (partition, batch) => publishResults(connection, resultSubject(partition, cluster), batch, key()),
    sendHeartbeat(heartbeat) {
      const subject = heartbeatSubject(cluster);
      connection.publish(subject, heartbeat, { headers: signedHeaders(key(), subject, heartbeat) });
      // The server answers in order: a refusal comes before this does. A connection that is lost meanwhile tells nothing.
      void connection.flush().then(() => refusals.heartbeatPassed(), () => undefined);
    },
    watch: (listener) => void listeners.add(listener),
    // Not drained: what must arrive was awaited before, and a lost server would make draining wait.
    close: () => connection.close(),
  };
}

/** A core request whose answer is JetStream's PubAck (NATS ADR-22): it also comes back through a service import. */
async function publishResults(connection: NatsConnection, subject: string, batch: Uint8Array, key: SigningKey): Promise<void> {
  let answer: unknown;
  try {
    answer = decodeJson((await connection.request(subject, batch, { headers: signedHeaders(key, subject, batch), timeout: PUBLISH_TIMEOUT_MS })).data);
  } catch (cause) {
    throw new SightlineError("RESULT_NOT_STORED", "the results stream did not answer", { cause, retryable: true });
  }
  const { stream, error } = validatePubAck(answer, "publish acknowledgement");
  if (error === undefined && stream !== undefined) return;
  throw new SightlineError("RESULT_NOT_STORED", `the results were refused: ${error?.description ?? "no description"}`, { retryable: true });
}
