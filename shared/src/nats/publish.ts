import { headers, type NatsConnection } from "nats";

/** A message for a stream. */
export interface OnceMessage {
  subject: string;
  payload: Uint8Array;
  /** The server stores one message of an ID within its duplicate window. */
  id: string;
  /** Why it is published, for a person who looks at it. */
  reason: string;
}

/** Characters of a reason, and bytes of a payload, that are published: what comes on top must still fit into a message. */
const MAX_REASON = 256;
const MAX_PAYLOAD_BYTES = 64 * 1024;

/**
 * Publishes without waiting for an answer: for what may be lost, and must not hold up the caller. Of a large payload only
 * the beginning is kept: the sender chose its size, and a message above the server's limit would throw.
 */
export function publishOnce(connection: NatsConnection, { subject, payload, id, reason }: OnceMessage): void {
  const set = headers();
  set.set("Nats-Msg-Id", id);
  set.set("Sightline-Reason", reason.slice(0, MAX_REASON).replaceAll(/[^\x20-\x7e]/g, " "));
  connection.publish(subject, payload.subarray(0, MAX_PAYLOAD_BYTES), { headers: set });
}
