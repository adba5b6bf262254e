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

/** Publishes without waiting for an answer: for what may be lost, and must not hold up the caller. */
export function publishOnce(connection: NatsConnection, { subject, payload, id, reason }: OnceMessage): void {
  const set = headers();
  set.set("Nats-Msg-Id", id);
  set.set("Sightline-Reason", reason.replaceAll(/[\r\n]/g, " "));
  connection.publish(subject, payload, { headers: set });
}
