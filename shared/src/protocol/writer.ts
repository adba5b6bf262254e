import { contentHash } from "../canonical-json.ts";
import { type Assignment, encodeAssignment } from "../wire/assignment.ts";
import { type ClusterSettings, encodeHead, type Head } from "../wire/head.ts";
import { assignmentSubject, headSubject } from "../wire/subjects.ts";
import type { AssignmentMirror, ClusterMirror } from "./mirror.ts";
import { digestShare, type SetDigest } from "./set-digest.ts";
import type { StreamMessage } from "./staging.ts";

/**
 * The transaction across clusters, planned. Pure: no I/O, no clock.
 *
 * One change of one monitor is its assignments for all its clusters, and a new head for each cluster touched. All of it
 * is one JetStream atomic batch: committed for all clusters or for none. Only heads carry an expectation: it is the
 * fence against a second writer, while overwriting a hand-edited assignment is just what is wanted.
 */

/** What one monitor should have everywhere: clusters that are not in `wanted` and hold it lose it. */
export interface MonitorChange {
  uid: string;
  wanted: ReadonlyMap<string, Assignment>;
  /** The reconcile that asks for it, so that the first probe joins its trace. */
  traceparent?: string;
}

/** One cluster's head, to be written whether or not its assignments change. */
export interface HeadRefresh {
  cluster: string;
}

export interface PlannedMessage {
  subject: string;
  /** Null writes a delete marker. */
  payload: Uint8Array | null;
  /** Compare-and-set: the subject's last sequence must be this. Only on heads. */
  expectedLastSequence?: number;
}

/** An atomic batch: assignments first, then the heads of the clusters that they touch. Empty when nothing differs. */
export interface BatchPlan {
  messages: PlannedMessage[];
  /** The head that each touched cluster has once the batch is committed. */
  heads: Map<string, Head>;
}

export interface WriterContext {
  epoch: number;
  settings: (cluster: string) => ClusterSettings;
}

/** Plans the batch that brings what is stored to what is wanted. Monitors must be distinct. */
export function planBatch(mirror: AssignmentMirror, changes: readonly MonitorChange[], refreshes: readonly HeadRefresh[], context: WriterContext): BatchPlan {
  const messages: PlannedMessage[] = [];
  const touched = new Map<string, SetDigest>();
  const digestOf = (cluster: string): SetDigest => {
    const digest = touched.get(cluster) ?? mirror.cluster(cluster).digest.copy();
    touched.set(cluster, digest);
    return digest;
  };
  for (const change of changes) messages.push(...planMonitor(mirror, change, digestOf));
  for (const { cluster } of refreshes) digestOf(cluster);

  const heads = new Map<string, Head>();
  for (const [cluster, digest] of touched) {
    const stored = mirror.cluster(cluster);
    const head = nextHead(stored, digest, context.epoch, context.settings(cluster));
    heads.set(cluster, head);
    messages.push({ subject: headSubject(cluster), payload: encodeHead(cluster, head), expectedLastSequence: stored.headSequence });
  }
  return { messages, heads };
}

/** The messages by which one monitor's stored assignments become the wanted ones; shares are booked in the digests. */
function planMonitor(mirror: AssignmentMirror, change: MonitorChange, digestOf: (cluster: string) => SetDigest): PlannedMessage[] {
  const messages: PlannedMessage[] = [];
  for (const [cluster, assignment] of change.wanted) {
    const before = mirror.cluster(cluster).assignments.get(change.uid);
    if (before !== undefined && before.content === contentHash(assignment)) continue;
    const subject = assignmentSubject(cluster, change.uid);
    const payload = encodeAssignment(assignment, change.traceparent);
    const digest = digestOf(cluster);
    if (before !== undefined) digest.remove(before.share);
    digest.add(digestShare(subject, payload));
    messages.push({ subject, payload });
  }
  for (const cluster of mirror.clustersOf(change.uid)) {
    const before = mirror.cluster(cluster).assignments.get(change.uid);
    if (change.wanted.has(cluster) || before === undefined) continue;
    digestOf(cluster).remove(before.share);
    messages.push({ subject: assignmentSubject(cluster, change.uid), payload: null });
  }
  return messages;
}

/** Always after the stored head: by a higher epoch of this writer, or by the next generation of the same. */
function nextHead(stored: Readonly<ClusterMirror>, digest: SetDigest, epoch: number, settings: ClusterSettings): Head {
  return { epoch, generation: (stored.head?.generation ?? 0) + 1, ...digest.summary, settings };
}

/**
 * What a commit stored, as messages to feed the mirror. A batch takes consecutive stream sequences, of which JetStream
 * answers the last.
 */
export function committedMessages(plan: BatchPlan, lastSequence: number): StreamMessage[] {
  const first = lastSequence - plan.messages.length + 1;
  return plan.messages.map(({ subject, payload }, index) => ({ subject, payload, sequence: first + index }));
}

/** Whether a stored head forbids this writer to go on: somebody with a higher epoch has taken over. */
export function isFenced(stored: Head | undefined, ownEpoch: number): boolean {
  return stored !== undefined && stored.epoch > ownEpoch;
}
