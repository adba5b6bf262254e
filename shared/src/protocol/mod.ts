export { type Drift, driftBetween, hasLostHeads } from "./drift.ts";
export { type HeldRepair, type HeldSet, isPlausible, repairFor, StallWatch } from "./held.ts";
export { AssignmentMirror, type ClusterMirror, type StoredAssignment } from "./mirror.ts";
export { comparePositions, nextEpoch } from "./position.ts";
export { Rebuild } from "./rebuild.ts";
export { type DigestShare, digestShare, sameSummary, SetDigest } from "./set-digest.ts";
export { type CompleteSet, type IsAuthentic, isWhole, type SignedHead, Staging, type StagingState, type StreamMessage } from "./staging.ts";
export { type BatchPlan, committedMessages, type HeadRefresh, isFenced, type MonitorChange, planBatch, planRemoval, type PlannedMessage, type WriterContext } from "./writer.ts";
