import type { NatsConnection } from "nats";
import { type Clock, sleep } from "../clock.ts";
import { WireError } from "../wire/errors.ts";
import { type Heartbeat, parseHeartbeat } from "../wire/heartbeat.ts";
import { HEARTBEAT_SUBJECTS, parseHeartbeatSubject } from "../wire/subjects.ts";
import { followLink } from "./link-state.ts";
import { signatureIn } from "./stream-message.ts";

/** A message as it came, before anything of it is read. */
export interface SignedMessage {
  subject: string;
  payload: Uint8Array;
  signature?: string;
}

export interface HeartbeatHandlers {
  /** Whether a message is that of the cluster's agent: asked before it is read. Must not throw. */
  trusts(cluster: string, message: SignedMessage): boolean;
  /** `cluster` is the subject's, which the sender may not choose. Must not throw. */
  heartbeat(cluster: string, heartbeat: Heartbeat): void;
  /** A message that is no heartbeat. Must not throw. */
  refused(subject: string, error: WireError): void;
  /** While the connection is lost nothing can be heard; afterwards it can again. */
  connection(connected: boolean): void;
}

export interface HeartbeatSubscription {
  /**
   * Asks the server for a sign of life. True when it came within the time: then everything that the server had sent
   * before has come, too. A dead connection may look alive for a minute; this tells.
   */
  canHear(clock: Clock, timeoutMs: number): Promise<boolean>;
  stop(): void;
}

/** Listens to the heartbeats of all clusters, over all reconnects. A bad message never ends it. */
export function subscribeHeartbeats(connection: NatsConnection, handlers: HeartbeatHandlers): HeartbeatSubscription {
  let stopped = false;
  const subscription = connection.subscribe(HEARTBEAT_SUBJECTS, {
    callback: (error, message) => {
      if (error === null && !stopped) receive({ subject: message.subject, payload: message.data, ...signatureIn(message.headers) }, handlers);
    },
  });
  void followLink(connection, (connected) => {
    if (!stopped) handlers.connection(connected);
  });
  return {
    canHear: (clock, timeoutMs) => answers(connection, clock, timeoutMs),
    stop: () => {
      stopped = true;
      subscription.unsubscribe();
    },
  };
}

/** Takes one message in. */
export function receive(message: SignedMessage, handlers: Omit<HeartbeatHandlers, "connection">): void {
  const { subject, payload } = message;
  const key = parseHeartbeatSubject(subject);
  if (key === undefined) {
    handlers.refused(subject, new WireError("INVALID_NAME", `${JSON.stringify(subject)} names no cluster`));
    return;
  }
  if (!handlers.trusts(key.cluster, message)) return;
  let heartbeat: Heartbeat;
  try {
    heartbeat = parseHeartbeat(payload);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    handlers.refused(subject, error);
    return;
  }
  handlers.heartbeat(key.cluster, heartbeat);
}

async function answers(connection: NatsConnection, clock: Clock, timeoutMs: number): Promise<boolean> {
  if (connection.isClosed()) return false;
  const ended = new AbortController();
  const answered = connection.flush().then(
    () => true,
    () => false,
  );
  const expired = sleep(clock, timeoutMs, ended.signal).then(() => false);
  const heard = await Promise.race([answered, expired]);
  ended.abort();
  return heard;
}
