import { AckPolicy, type ConsumerConfig, type ConsumerInfo, DeliverPolicy, JetStreamApiCodes, JetStreamApiError, type JetStreamManager, jetstreamManager, ReplayPolicy } from "@nats-io/jetstream";
import type { NatsConnection } from "nats";
import { agentConsumer, ASSIGNMENT_STREAM, clusterAssignmentSubjects } from "../wire/subjects.ts";
import { type Drift, driftOf } from "./drift.ts";

type WantedConsumer = Partial<ConsumerConfig> & { durable_name: string };

/** Acknowledgement frees the place; an agent that stages a big set must not stall half-way. */
const MAX_ACK_PENDING = 10_000;
const ACK_WAIT_NANOS = 30_000_000_000;

/** The pull consumer by which one agent replica reads its cluster's assignments. It stays when nobody pulls. */
export function wantedAgentConsumer(cluster: string, ordinal: number): WantedConsumer {
  return {
    durable_name: agentConsumer(cluster, ordinal),
    filter_subject: clusterAssignmentSubjects(cluster),
    ack_policy: AckPolicy.Explicit,
    ack_wait: ACK_WAIT_NANOS,
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant,
    max_ack_pending: MAX_ACK_PENDING,
    max_deliver: -1,
  };
}

/**
 * Makes an agent's consumer, or brings the existing one to the wanted configuration. One that cannot be changed is made
 * anew: its agent then receives everything again, which it must bear anyway.
 * @returns what had to be done.
 */
export async function ensureAgentConsumer(connection: NatsConnection, cluster: string, ordinal: number): Promise<"kept" | "created" | "updated"> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const wanted = wantedAgentConsumer(cluster, ordinal);
  const existing = await consumerInfo(manager, wanted.durable_name);
  if (existing === undefined) {
    await manager.consumers.add(ASSIGNMENT_STREAM, wanted);
    return "created";
  }
  if (consumerDrift(existing.config, wanted).length === 0) return "kept";
  try {
    await manager.consumers.update(ASSIGNMENT_STREAM, wanted.durable_name, wanted);
  } catch (error) {
    if (!(error instanceof JetStreamApiError)) throw error;
  }
  const updated = await consumerInfo(manager, wanted.durable_name);
  if (updated !== undefined && consumerDrift(updated.config, wanted).length === 0) return "updated";
  await manager.consumers.delete(ASSIGNMENT_STREAM, wanted.durable_name);
  await manager.consumers.add(ASSIGNMENT_STREAM, wanted);
  return "updated";
}

/** Sets an agent's consumer back to the first message: its agent receives everything again. */
export async function resetAgentConsumer(connection: NatsConnection, cluster: string, ordinal: number): Promise<void> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  await manager.consumers.reset(ASSIGNMENT_STREAM, agentConsumer(cluster, ordinal), 1);
}

/** Removes an agent's consumer; one that is not there is removed already. */
export async function removeAgentConsumer(connection: NatsConnection, cluster: string, ordinal: number): Promise<void> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const name = agentConsumer(cluster, ordinal);
  if ((await consumerInfo(manager, name)) !== undefined) await manager.consumers.delete(ASSIGNMENT_STREAM, name);
}

async function consumerInfo(manager: JetStreamManager, name: string): Promise<ConsumerInfo | undefined> {
  try {
    return await manager.consumers.info(ASSIGNMENT_STREAM, name);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.ConsumerNotFound) return undefined;
    throw error;
  }
}

/** How a consumer of an agent differs from what it should be. */
export function agentConsumerDrift(stored: ConsumerConfig, cluster: string, ordinal: number): Drift[] {
  return consumerDrift(stored, wantedAgentConsumer(cluster, ordinal));
}

/** An inactive threshold would delete the consumer of an agent that is away: it must be absent. */
function consumerDrift(stored: ConsumerConfig, wanted: WantedConsumer): Drift[] {
  const { inactive_threshold = 0, filter_subjects = [] } = stored;
  return driftOf({ ...stored, inactive_threshold, filter_subjects }, { ...wanted, inactive_threshold: 0, filter_subjects: [] });
}
