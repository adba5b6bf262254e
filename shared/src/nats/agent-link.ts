import type { NatsConnection } from "nats";
import { SightlineError } from "../errors.ts";
import { decodeJson } from "../wire/cloud-event.ts";
import { compileSchema } from "../wire/schema.ts";
import { agentInboxPrefix, heartbeatSubject, resultSubject } from "../wire/subjects.ts";
import { assignmentReader, type AssignmentReader } from "./assignment-reader.ts";
import { connectNats, type NatsSettings } from "./connection.ts";
import { followErrors, followLink } from "./link-state.ts";
import { Refusals } from "./refusals.ts";

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
   * Stores one batch of results in the hub's stream.
   * @throws SightlineError RESULT_NOT_STORED when the stream did not say that it is stored. It may be stored all the same.
   */
  publishResults(partition: number, batch: Uint8Array): Promise<void>;
  /** Sends a heartbeat; nobody answers it. */
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

/** Connects as one agent replica, in one attempt; then reconnects for ever. The inbox prefix is the cluster's own. */
export async function connectAgentLink(settings: NatsSettings, cluster: string, ordinal: number): Promise<AgentLink> {
  const connection = await connectNats({ ...settings, inboxPrefix: agentInboxPrefix(cluster) });
  return agentLink(connection, cluster, ordinal);
}

export function agentLink(connection: NatsConnection, cluster: string, ordinal: number): AgentLink {
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
    publishResults: (partition, batch) => publishResults(connection, resultSubject(partition, cluster), batch),
    sendHeartbeat(heartbeat) {
      connection.publish(heartbeatSubject(cluster), heartbeat);
      // The server answers in order: a refusal comes before this does. A connection that is lost meanwhile tells nothing.
      void connection.flush().then(() => refusals.heartbeatPassed(), () => undefined);
    },
    watch: (listener) => void listeners.add(listener),
    // Not drained: what must arrive was awaited before, and a lost server would make draining wait.
    close: () => connection.close(),
  };
}

/** A core request whose answer is JetStream's PubAck (NATS ADR-22): it also comes back through a service import. */
async function publishResults(connection: NatsConnection, subject: string, batch: Uint8Array): Promise<void> {
  let answer: unknown;
  try {
    answer = decodeJson((await connection.request(subject, batch, { timeout: PUBLISH_TIMEOUT_MS })).data);
  } catch (cause) {
    throw new SightlineError("RESULT_NOT_STORED", "the results stream did not answer", { cause, retryable: true });
  }
  const { stream, error } = validatePubAck(answer, "publish acknowledgement");
  if (error === undefined && stream !== undefined) return;
  throw new SightlineError("RESULT_NOT_STORED", `the results were refused: ${error?.description ?? "no description"}`, { retryable: true });
}
