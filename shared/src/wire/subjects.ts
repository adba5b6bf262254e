import { createHash } from "node:crypto";
import { WireError } from "./errors.ts";

/**
 * Every NATS stream, subject and key of the product is built and parsed here, and nowhere else.
 *
 * Names become subject tokens only after a check: a cluster ID is an RFC 1123 label, a monitor is known by its UID.
 * Neither can hold a dot, a star or a `>`, so no name can reach into another one's subjects.
 */

export const ASSIGNMENT_STREAM = "KV_assign";
export const RESULT_STREAM = "results";
export const CHECKPOINT_STREAM = "KV_CKPT";
export const PARKED_STREAM = "parked";

/** Results are spread over this many partitions by the monitor's UID. Fixed: a change would re-route live monitors. */
export const PARTITIONS = 16;

/** The JetStream API as agents see it: imported into their account under this prefix (see docs/understand/nats.md). */
export const AGENT_JETSTREAM_PREFIX = "hubapi";

const CLUSTER_ID = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const UID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isClusterId(text: string): boolean {
  return CLUSTER_ID.test(text);
}

export function isUid(text: string): boolean {
  return UID.test(text);
}

/** @throws WireError INVALID_NAME */
function clusterToken(cluster: string): string {
  if (isClusterId(cluster)) return cluster;
  throw new WireError("INVALID_NAME", `cluster ID ${JSON.stringify(cluster)} is not an RFC 1123 label of at most 63 characters`);
}

/** @throws WireError INVALID_NAME */
function uidToken(uid: string): string {
  if (isUid(uid)) return uid;
  throw new WireError("INVALID_NAME", `monitor UID ${JSON.stringify(uid)} is not a UUID`);
}

function partitionToken(partition: number): string {
  if (Number.isInteger(partition) && partition >= 0 && partition < PARTITIONS) return String(partition);
  throw new WireError("INVALID_NAME", `partition ${partition} is not in 0..${PARTITIONS - 1}`);
}

// --- assignments -------------------------------------------------------------------------------------------------

/** What a subject of the assignment stream names: a cluster's head, or one monitor's assignment to it. */
export type AssignmentKey = { kind: "head"; cluster: string } | { kind: "assignment"; cluster: string; uid: string };

export const ASSIGNMENT_SUBJECTS = "$KV.assign.>";

export function headSubject(cluster: string): string {
  return `$KV.assign.${clusterToken(cluster)}.head`;
}

export function assignmentSubject(cluster: string, uid: string): string {
  return `$KV.assign.${clusterToken(cluster)}.${uidToken(uid)}`;
}

/** Everything that one cluster may read of the assignment stream. */
export function clusterAssignmentSubjects(cluster: string): string {
  return `$KV.assign.${clusterToken(cluster)}.>`;
}

/** The key that a subject of the assignment stream names, or undefined when it is none of ours. */
export function parseAssignmentSubject(subject: string): AssignmentKey | undefined {
  const [space, bucket, cluster, key, ...rest] = subject.split(".");
  if (space !== "$KV" || bucket !== "assign" || cluster === undefined || key === undefined || rest.length > 0) return undefined;
  if (!isClusterId(cluster)) return undefined;
  if (key === "head") return { kind: "head", cluster };
  return isUid(key) ? { kind: "assignment", cluster, uid: key } : undefined;
}

/** The one replica of each cluster's agent that the hub serves. Replicas beyond it come with their lease. */
export const AGENT_ORDINAL = 0;

/** The durable consumer of one agent replica. Two readers of one durable would each get half. */
export function agentConsumer(cluster: string, ordinal: number): string {
  if (!Number.isInteger(ordinal) || ordinal < 0) throw new WireError("INVALID_NAME", `replica ordinal ${ordinal} is not a whole number from 0`);
  return `agent-${clusterToken(cluster)}-${ordinal}`;
}

// --- results -----------------------------------------------------------------------------------------------------

export const RESULT_SUBJECTS = "results.*.*";

/** Partition of a monitor: the first two bytes of the SHA-256 of its UID, modulo the number of partitions. */
export function partitionOf(uid: string): number {
  return createHash("sha256").update(uid).digest().readUInt16BE(0) % PARTITIONS;
}

export function resultSubject(partition: number, cluster: string): string {
  return `results.${partitionToken(partition)}.${clusterToken(cluster)}`;
}

/** Every cluster's results of one partition. */
export function partitionSubjects(partition: number): string {
  return `results.${partitionToken(partition)}.*`;
}

export function parseResultSubject(subject: string): { partition: number; cluster: string } | undefined {
  const [space, partition, cluster, ...rest] = subject.split(".");
  if (space !== "results" || partition === undefined || cluster === undefined || rest.length > 0) return undefined;
  if (!/^(0|[1-9][0-9]?)$/.test(partition) || Number(partition) >= PARTITIONS || !isClusterId(cluster)) return undefined;
  return { partition: Number(partition), cluster };
}

// --- checkpoints (hub only) --------------------------------------------------------------------------------------

export const CHECKPOINT_SUBJECTS = "$KV.CKPT.>";

/** Names the chunks of one partition's checkpoint; compare-and-set is done on this key. */
export function checkpointSubject(partition: number): string {
  return `$KV.CKPT.p${partitionToken(partition)}`;
}

export function checkpointChunkSubject(partition: number, chunk: number): string {
  return `$KV.CKPT.p${partitionToken(partition)}.${chunk}`;
}

// --- heartbeats --------------------------------------------------------------------------------------------------

export const HEARTBEAT_SUBJECTS = "hb.*";

export function heartbeatSubject(cluster: string): string {
  return `hb.${clusterToken(cluster)}`;
}

export function parseHeartbeatSubject(subject: string): { cluster: string } | undefined {
  const [space, cluster, ...rest] = subject.split(".");
  return space === "hb" && cluster !== undefined && rest.length === 0 && isClusterId(cluster) ? { cluster } : undefined;
}

// --- enrolment and renewal ---------------------------------------------------------------------------------------

export const ENROL_SUBJECTS = "enrol.*";
export const RENEW_SUBJECTS = "renew.*";

/** Where an agent with a join token asks to be made known, once. */
export function enrolSubject(cluster: string): string {
  return `enrol.${clusterToken(cluster)}`;
}

/** Where an agent that is known asks for the credentials that it works with. */
export function renewSubject(cluster: string): string {
  return `renew.${clusterToken(cluster)}`;
}

/** The cluster that a subject of enrolment or renewal names, which the sender may not choose. */
export function parseIdentitySubject(subject: string): { verb: "enrol" | "renew"; cluster: string } | undefined {
  const [verb, cluster, ...rest] = subject.split(".");
  if ((verb !== "enrol" && verb !== "renew") || cluster === undefined || rest.length > 0 || !isClusterId(cluster)) return undefined;
  return { verb, cluster };
}

// --- parked messages (hub only) ----------------------------------------------------------------------------------

export const PARKED_SUBJECTS = "parked.>";

/** Where a message that cannot be read is kept for a person to look at. */
export function parkedSubject(origin: string): string {
  return `parked.${origin}`;
}

// --- what an agent may do ----------------------------------------------------------------------------------------

/** The inbox prefix of one cluster's agents: an agent that could read `_INBOX.>` would read everybody's answers. */
export function agentInboxPrefix(cluster: string): string {
  return `_INBOX_${clusterToken(cluster)}`;
}

/**
 * The inbox prefix of who joins with a token: a token may be seen by others than the agent, whose answers are not theirs.
 * No cluster ID holds an underscore, so the prefix is nobody's of the other kind.
 */
export function joinInboxPrefix(cluster: string): string {
  return `_INBOX_join_${clusterToken(cluster)}`;
}

/** A service of the hub's account; `local` is its subject as agents see it, `streamed` that it may answer more than once. */
export interface ImportedService {
  subject: string;
  local: string;
  streamed: boolean;
}

/** Everything that the agents' account imports from the hub's. What is not here does not exist for an agent. */
export function importedServices(): ImportedService[] {
  return [
    jetStreamApi("MSG.NEXT"),
    jetStreamApi("RESET"),
    { subject: `$JS.ACK.${ASSIGNMENT_STREAM}.>`, local: `$JS.ACK.${ASSIGNMENT_STREAM}.>`, streamed: true },
    { subject: RESULT_SUBJECTS, local: RESULT_SUBJECTS, streamed: true },
    ...[HEARTBEAT_SUBJECTS, ENROL_SUBJECTS, RENEW_SUBJECTS].map((subject) => ({ subject, local: subject, streamed: false })),
  ];
}

/** Imported under another prefix: under its own name the agents' account itself would answer first. */
function jetStreamApi(verb: string): ImportedService {
  const rest = `CONSUMER.${verb}.${ASSIGNMENT_STREAM}.*`;
  return { subject: `$JS.API.${rest}`, local: `${AGENT_JETSTREAM_PREFIX}.${rest}`, streamed: true };
}

/** All that a client may publish and subscribe to. Everything else is refused by NATS. */
export interface SubjectPermissions {
  publish: string[];
  subscribe: string[];
}

/** What a join token may do: ask once to be made known. */
export function joinPermissions(cluster: string): SubjectPermissions {
  return { publish: [enrolSubject(cluster)], subscribe: [`${joinInboxPrefix(cluster)}.>`] };
}

/** What an agent may do that is known, and not accepted (yet, or any more): ask again. */
export function restingPermissions(cluster: string): SubjectPermissions {
  return { publish: [renewSubject(cluster)], subscribe: [`${agentInboxPrefix(cluster)}.>`] };
}

/** What one replica of an accepted cluster's agent may do. */
export function agentPermissions(cluster: string, ordinal = 0): SubjectPermissions {
  const consumer = agentConsumer(cluster, ordinal);
  return {
    publish: [
      `${AGENT_JETSTREAM_PREFIX}.CONSUMER.MSG.NEXT.${ASSIGNMENT_STREAM}.${consumer}`,
      `${AGENT_JETSTREAM_PREFIX}.CONSUMER.RESET.${ASSIGNMENT_STREAM}.${consumer}`,
      `$JS.ACK.${ASSIGNMENT_STREAM}.${consumer}.>`,
      `results.*.${clusterToken(cluster)}`,
      heartbeatSubject(cluster),
      renewSubject(cluster),
    ],
    subscribe: [`${agentInboxPrefix(cluster)}.>`],
  };
}
