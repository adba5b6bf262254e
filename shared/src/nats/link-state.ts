import type { NatsConnection } from "nats";
import type { SightlineError } from "../errors.ts";
import { natsError } from "./refusals.ts";

/**
 * Calls back at each loss of the connection (false) and each return of it (true), until it is closed. The client tells of a
 * loss again with each attempt that a server refuses, and of as many returns afterwards. The listener must not throw.
 */
export async function followLink(connection: Pick<NatsConnection, "status">, listener: (connected: boolean) => void): Promise<void> {
  let connected = true;
  for await (const { type } of connection.status()) {
    if (type !== (connected ? "disconnect" : "reconnect")) continue;
    connected = !connected;
    listener(connected);
  }
}

/** Calls back at each error that NATS sends, until the connection is closed. The listener must not throw. */
export async function followErrors(connection: NatsConnection, listener: (error: SightlineError) => void): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === "error") listener(natsError(status.error));
  }
}

/** Whether the connection is up, asked at any time. */
export function linkState(connection: NatsConnection): () => boolean {
  let connected = true;
  void followLink(connection, (now) => (connected = now));
  return () => connected && !connection.isClosed();
}
