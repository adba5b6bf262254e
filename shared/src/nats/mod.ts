export { BATCH_TOO_LARGE, type BatchMessage, type BatchOutcome, commitBatch, WRONG_LAST_SEQUENCE } from "./atomic-batch.ts";
export { connectNats, type NatsSettings } from "./connection.ts";
export { isDeleteMarker } from "./stream-message.ts";
export { reconcileStreams, wantedStreams } from "./streams.ts";
export type { NatsConnection } from "nats";
