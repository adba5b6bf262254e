import { randomUUID } from "node:crypto";
import { headers, type MsgHdrs, type NatsConnection } from "nats";
import { SIGNATURE_HEADER } from "../identity/message-signature.ts";
import { compileSchema } from "../wire/schema.ts";
import { decodeJson } from "../wire/cloud-event.ts";
import { messageOf } from "../errors.ts";

/** One message of an atomic batch. */
export interface BatchMessage {
  subject: string;
  /** Null writes a KV delete marker, which the server forgets after `DELETE_MARKER_TTL`. */
  payload: Uint8Array | null;
  /** Who reads the message may want to know whose it is. */
  signature?: string;
  expectedLastSequence?: number;
  /** The server forgets the message after this time, a Go duration. Delete markers have one anyway. */
  ttl?: string;
}

export type BatchOutcome =
  /** All messages stand; the last of them has stream sequence `lastSequence`, the others precede it without a gap. */
  | { kind: "committed"; lastSequence: number }
  /** Nothing stands. `code` is the server's err_code. */
  | { kind: "refused"; code: number; description: string }
  /** The answer was lost: all or nothing may stand. Read a stored `Nats-Batch-Id` to know. */
  | { kind: "unknown"; batchId: string; cause: string };

/** err_code when a message's expected last sequence is not the stored one. */
export const WRONG_LAST_SEQUENCE = 10071;
/** err_code when the batch holds more messages than the server allows (`jetstream.limits.batch.max_msgs`). */
export const BATCH_TOO_LARGE = 10199;

export const BATCH_ID = "Nats-Batch-Id";
/** An agent that slept longer than this finds a head without the key, which tells it the same. */
const DELETE_MARKER_TTL = "24h";
const EMPTY = new Uint8Array();

const validateAck = compileSchema<{ seq?: number; error?: { err_code?: number; description?: string } }>({
  type: "object",
  properties: {
    seq: { type: "integer" },
    error: { type: "object", properties: { err_code: { type: "integer" }, description: { type: "string" } } },
  },
});

/**
 * Publishes the messages as one JetStream atomic batch (NATS ADR-50): all are stored, or none.
 * The client's own batch type drops expectations and swallows the server's error, so the headers are set here.
 * `messages` must not be empty.
 */
export async function commitBatch(connection: NatsConnection, messages: readonly BatchMessage[], timeoutMs: number): Promise<BatchOutcome> {
  const batchId: string = randomUUID();
  const last = messages.at(-1);
  if (last === undefined) return { kind: "refused", code: 0, description: "the batch is empty" };
  const commit = batchHeaders(last, batchId, messages.length);
  commit.set("Nats-Batch-Commit", "1");
  try {
    for (const [index, message] of messages.slice(0, -1).entries()) {
      connection.publish(message.subject, message.payload ?? EMPTY, { headers: batchHeaders(message, batchId, index + 1) });
    }
    const reply = await connection.request(last.subject, last.payload ?? EMPTY, { headers: commit, timeout: timeoutMs });
    return outcomeOf(reply.data, batchId);
  } catch (error) {
    return { kind: "unknown", batchId, cause: messageOf(error) };
  }
}

function outcomeOf(answer: Uint8Array, batchId: string): BatchOutcome {
  const ack = validateAck(decodeJson(answer), "batch acknowledgement");
  if (ack.error !== undefined) return { kind: "refused", code: ack.error.err_code ?? 0, description: ack.error.description ?? "no description" };
  if (ack.seq === undefined) return { kind: "unknown", batchId, cause: "the server's answer names no sequence" };
  return { kind: "committed", lastSequence: ack.seq };
}

function batchHeaders(message: BatchMessage, batchId: string, sequence: number): MsgHdrs {
  const set = headers();
  set.set(BATCH_ID, batchId);
  set.set("Nats-Batch-Sequence", String(sequence));
  if (message.expectedLastSequence !== undefined) set.set("Nats-Expected-Last-Subject-Sequence", String(message.expectedLastSequence));
  if (message.signature !== undefined) set.set(SIGNATURE_HEADER, message.signature);
  if (message.payload === null) set.set("KV-Operation", "DEL");
  const ttl = message.ttl ?? (message.payload === null ? DELETE_MARKER_TTL : undefined);
  if (ttl !== undefined) set.set("Nats-TTL", ttl);
  return set;
}
