export { AssignmentMirror, type ClusterMirror, type StoredAssignment } from "./mirror.ts";
export { comparePositions, nextEpoch } from "./position.ts";
export { digestShare, sameSummary, SetDigest } from "./set-digest.ts";
export { type CompleteSet, isWhole, Staging, type StagingState, type StreamMessage } from "./staging.ts";
export { type BatchPlan, committedMessages, type HeadRefresh, isFenced, type MonitorChange, planBatch, type PlannedMessage, type WriterContext } from "./writer.ts";
