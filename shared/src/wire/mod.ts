export { type Assignment, encodeAssignment, parseAssignment, type SealedHeader } from "./assignment.ts";
export { type Check, checkHash, statusMatches, unexpectedStatusMessage } from "./check.ts";
export { type Checkpoint, type CheckpointManifest, type CheckpointPair, type Damping, encodeCheckpoint, MAX_WINDOW, type PairState, parseCheckpoint, parseCheckpointManifest } from "./checkpoint.ts";
export { type CloudEvent, EVENT_TYPES } from "./cloud-event.ts";
export type { EgressSettings } from "./egress.ts";
export {
  encodeEnrolRequest,
  encodeIdentityAnswer,
  encodeRenewRequest,
  type EnrolRequest,
  type IdentityAnswer,
  type IdentityState,
  parseEnrolRequest,
  parseIdentityAnswer,
  parseRenewRequest,
  type RenewRequest,
} from "./enrolment.ts";
export { WireError, type WireErrorCode } from "./errors.ts";
export { type ClusterSettings, encodeHead, type Head, parseHead, type Position, type SetSummary } from "./head.ts";
export { encodeHeartbeat, type Heartbeat, MAX_NOT_PROBED, type NotProbed, parseHeartbeat, type SkipReason } from "./heartbeat.ts";
export { encodeResultBatch, joinResultBatch, type ParsedBatch, parseResultBatch, type Phases, type ProbeResult, resultEvent } from "./result.ts";
export { openedSecret, type SecretHeader, secretText } from "./secret-header.ts";
export { compileSchema, type Validate } from "./schema.ts";
export {
  AGENT_JETSTREAM_PREFIX,
  AGENT_ORDINAL,
  agentConsumer,
  agentInboxPrefix,
  agentPermissions,
  ASSIGNMENT_STREAM,
  ASSIGNMENT_SUBJECTS,
  type AssignmentKey,
  assignmentSubject,
  CHECKPOINT_STREAM,
  CHECKPOINT_SUBJECTS,
  checkpointChunkSubject,
  checkpointSubject,
  clusterAssignmentSubjects,
  ENROL_SUBJECTS,
  enrolSubject,
  headSubject,
  HEARTBEAT_SUBJECTS,
  heartbeatSubject,
  type ImportedService,
  importedServices,
  isClusterId,
  isUid,
  joinInboxPrefix,
  joinPermissions,
  parkedSubject,
  PARKED_STREAM,
  PARKED_SUBJECTS,
  parseAssignmentSubject,
  parseHeartbeatSubject,
  parseIdentitySubject,
  parseResultSubject,
  partitionOf,
  PARTITIONS,
  partitionSubjects,
  RENEW_SUBJECTS,
  renewSubject,
  restingPermissions,
  RESULT_STREAM,
  RESULT_SUBJECTS,
  resultSubject,
  type SubjectPermissions,
} from "./subjects.ts";
