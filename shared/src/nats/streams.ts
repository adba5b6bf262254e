import { DiscardPolicy, jetstreamManager, type JetStreamManager, RetentionPolicy, StorageType, type StreamConfig } from "@nats-io/jetstream";
import type { NatsConnection } from "nats";
import {
  ASSIGNMENT_STREAM,
  ASSIGNMENT_SUBJECTS,
  CHECKPOINT_STREAM,
  CHECKPOINT_SUBJECTS,
  PARKED_STREAM,
  PARKED_SUBJECTS,
  RESULT_STREAM,
  RESULT_SUBJECTS,
} from "../wire/subjects.ts";
import { type Drift, driftOf } from "./drift.ts";
import { isStreamMissing } from "./stored-message.ts";

export type WantedStream = Partial<StreamConfig> & { name: string; subjects: string[] };

const HOUR_NANOS = 3_600_000_000_000;

/** The streams as they should be. `replicas` is 1 on a laptop and 3 in production. */
export function wantedStreams(replicas: number): WantedStream[] {
  const common = { num_replicas: replicas, storage: StorageType.File, allow_direct: true };
  // Said although it is the default: somebody who sets a limit by hand would have assignments forgotten.
  const unlimited = { max_age: 0, max_bytes: -1, max_msgs: -1 };
  const lastPerSubject = { ...common, ...unlimited, max_msgs_per_subject: 1, allow_atomic: true, allow_msg_ttl: true, allow_rollup_hdrs: true, discard: DiscardPolicy.New };
  const rolling = { ...common, retention: RetentionPolicy.Limits, discard: DiscardPolicy.Old };
  return [
    { ...lastPerSubject, name: ASSIGNMENT_STREAM, subjects: [ASSIGNMENT_SUBJECTS] },
    { ...lastPerSubject, name: CHECKPOINT_STREAM, subjects: [CHECKPOINT_SUBJECTS] },
    { ...rolling, name: RESULT_STREAM, subjects: [RESULT_SUBJECTS], max_age: 2 * HOUR_NANOS, max_bytes: 4 * 1024 ** 3 },
    { ...rolling, name: PARKED_STREAM, subjects: [PARKED_SUBJECTS], max_age: 24 * HOUR_NANOS, max_bytes: 64 * 1024 ** 2, max_msgs: 10_000 },
  ];
}

/**
 * Makes the stream, or brings the existing one to the wanted configuration: a mere "create" changes nothing on a stream
 * that is there already.
 * @returns whether it was made anew, so that the caller knows that nothing is stored.
 */
async function reconcileStream(manager: JetStreamManager, wanted: WantedStream): Promise<"created" | "kept"> {
  try {
    const { config } = await manager.streams.info(wanted.name);
    // An update is a decision of the whole NATS cluster, also one that changes nothing.
    if (streamDrift(config, wanted).length > 0) await manager.streams.update(wanted.name, wanted);
    return "kept";
  } catch (error) {
    if (!isStreamMissing(error)) throw error;
  }
  await manager.streams.add(wanted);
  return "created";
}

/** Which of the wanted settings a stream lacks. */
export function streamDrift(config: StreamConfig, wanted: WantedStream): Drift[] {
  return driftOf(config, wanted);
}

/** Brings all streams to their wanted configuration. @returns the names of those that had to be made. */
export async function reconcileStreams(connection: NatsConnection, replicas: number): Promise<string[]> {
  const manager = await jetstreamManager(connection);
  const created: string[] = [];
  for (const wanted of wantedStreams(replicas)) {
    if ((await reconcileStream(manager, wanted)) === "created") created.push(wanted.name);
  }
  return created;
}
