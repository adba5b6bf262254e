import { JetStreamApiError, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "nats";
import { BATCH_ID } from "./atomic-batch.ts";
import { isDeleteMarker, signatureIn } from "./stream-message.ts";

/** One message as the stream's leader has it. */
export interface StoredMessage {
  sequence: number;
  /** Null for a delete marker. */
  payload: Uint8Array | null;
  /** Milliseconds since the Unix epoch, on the server's clock. */
  storedAt: number;
  /** The atomic batch that stored it. */
  batchId?: string;
  /** What its header says; whoever stored it chose it. */
  signature?: string;
}

/** err_code of a request for a stream that is not there. */
export const STREAM_NOT_FOUND = 10059;

/** Whether an error says that the stream is not there. */
export function isStreamMissing(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND;
}

/**
 * The last message of a subject, or the message with a sequence; undefined when there is none. Asked of the stream's
 * leader: a direct get may be answered by a replica that lags behind.
 * @throws when the server does not answer or the stream is not there (see isStreamMissing).
 */
export async function storedMessage(connection: NatsConnection, stream: string, query: { subject: string } | { sequence: number }, timeoutMs?: number): Promise<StoredMessage | undefined> {
  const manager = await jetstreamManager(connection, { checkAPI: false, ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }) });
  const found = await manager.streams.getMessage(stream, "subject" in query ? { last_by_subj: query.subject } : { seq: query.sequence });
  if (found === null) return undefined;
  const batchId = found.header?.get(BATCH_ID) ?? "";
  return {
    sequence: found.seq,
    payload: isDeleteMarker(found.header) ? null : found.data,
    storedAt: found.time.getTime(),
    ...(batchId === "" ? {} : { batchId }),
    ...signatureIn(found.header),
  };
}
