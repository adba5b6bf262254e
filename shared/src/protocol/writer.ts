import { contentHash } from "../canonical-json.ts";
import { type Assignment, encodeAssignment } from "../wire/assignment.ts";
import { type ClusterSettings, encodeHead, type Head } from "../wire/head.ts";
import { assignmentSubject, headSubject } from "../wire/subjects.ts";
import type { AssignmentMirror, ClusterMirror } from "./mirror.ts";
import { type DigestShare, digestShare, sameSummary, type SetDigest } from "./set-digest.ts";
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
  /** Of the hub, over subject and payload. Only on heads: what a head sums up is vouched for by it. */
  signature?: string;
  /** Compare-and-set: the subject's last sequence must be this. Only on heads. */
  expectedLastSequence?: number;
  /** The server forgets the message after this time, a Go duration. */
  ttl?: string;
}

/** An atomic batch: assignments first, then the heads of the clusters that they touch. Empty when nothing differs. */
export interface BatchPlan {
  messages: PlannedMessage[];
  /** The head that each touched cluster has once the batch is committed. */
  heads: Map<string, Head>;
}

export interface WriterContext {
  epoch: number;
  /**
   * The last head that this writer sent to each cluster under this epoch, whether it was committed or its answer was
   * lost. So no position ever names two sets, even when the stored head was lost, edited by hand or rolled back.
   */
  sent?: ReadonlyMap<string, Head>;
  settings: (cluster: string) => ClusterSettings;
  /** Signs a head as the hub. The same message has the same signature, so that planning stays without chance. */
  sign: (subject: string, payload: Uint8Array) => string;
  /**
   * Whether a cluster's head is held back. While what was lost is being written again, monitor by monitor, a head would
   * prove a set that is complete and yet lacks the rest: an agent would drop what is still to come. Without a head its
   * agents only stage.
   */
  withhold?: (cluster: string) => boolean;
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

  const own = new Set(changes.map(({ uid }) => uid));
  const heads = new Map<string, Head>();
  for (const [cluster, digest] of touched) {
    if (context.withhold?.(cluster) === true) continue;
    const stored = mirror.cluster(cluster);
    const strangers = strangersIn(stored, own);
    for (const { uid, share } of strangers.slice(0, MAX_STRANGERS)) {
      digest.remove(share);
      messages.push({ subject: assignmentSubject(cluster, uid), payload: null });
    }
    if (strangers.length > MAX_STRANGERS) continue;
    const head = nextHead(stored, digest, cluster, context);
    heads.set(cluster, head);
    messages.push(headMessage(cluster, head, stored, context));
  }
  return { messages, heads };
}

/** So many assignments that nobody vouches for go with one head; while there are more, the head waits for the next batch. */
const MAX_STRANGERS = 1000;

/**
 * What nobody vouches for: it goes before a head is signed over the rest, since somebody else may have put it there. By
 * the time that a head may be written, everything that is wanted has been applied, and is not among it.
 */
function strangersIn({ assignments }: Readonly<ClusterMirror>, own: ReadonlySet<string>): { uid: string; share: DigestShare }[] {
  const strangers: { uid: string; share: DigestShare }[] = [];
  // Over everything that is assigned, at each batch: nothing is made of those that are vouched for.
  for (const [uid, { share, vouched }] of assignments) if (!vouched && !own.has(uid)) strangers.push({ uid, share });
  return strangers;
}

/** How long the last head of a removed cluster stays, for an agent that sleeps: it says that nothing is assigned. */
const FAREWELL_TTL = "24h";

/**
 * Plans the removal of a cluster: delete markers for at most `limit` of its assignments, and a head. Repeated until
 * nothing is left, the last head sums up the empty set; the server forgets it after a day, so that order survives when
 * the cluster comes back before. Empty when the cluster has neither head nor assignments.
 */
export function planRemoval(mirror: AssignmentMirror, cluster: string, limit: number, context: WriterContext): BatchPlan {
  const stored = mirror.cluster(cluster);
  const digest = stored.digest.copy();
  const messages: PlannedMessage[] = [];
  const strangersFirst = [...stored.assignments].toSorted(([, a], [, b]) => Number(a.vouched) - Number(b.vouched));
  for (const [uid, { share }] of strangersFirst.slice(0, limit)) {
    digest.remove(share);
    messages.push({ subject: assignmentSubject(cluster, uid), payload: null });
  }
  if (messages.length === 0 && stored.head === undefined && !stored.headDamaged) return { messages, heads: new Map() };
  if (strangersFirst.slice(limit).some(([, { vouched }]) => !vouched)) return { messages, heads: new Map() };
  const head = nextHead(stored, digest, cluster, context);
  const farewell = head.count === 0 ? { ttl: FAREWELL_TTL } : {};
  messages.push({ ...headMessage(cluster, head, stored, context), ...farewell });
  return { messages, heads: new Map([[cluster, head]]) };
}

function headMessage(cluster: string, head: Head, { headSequence }: Readonly<ClusterMirror>, { sign }: WriterContext): PlannedMessage {
  const subject = headSubject(cluster);
  const payload = encodeHead(cluster, head);
  return { subject, payload, signature: sign(subject, payload), expectedLastSequence: headSequence };
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

/** Always after the stored head, and after every head that this writer sent: by a higher epoch, or by the next generation. */
function nextHead(stored: Readonly<ClusterMirror>, digest: SetDigest, cluster: string, { epoch, sent, settings }: WriterContext): Head {
  const generation = Math.max(stored.head?.generation ?? 0, sent?.get(cluster)?.generation ?? 0) + 1;
  return { epoch, generation, ...digest.summary, settings: settings(cluster) };
}

/**
 * What a commit stored, as messages to feed the mirror. A batch takes consecutive stream sequences, of which JetStream
 * answers the last.
 */
export function committedMessages(plan: BatchPlan, lastSequence: number): StreamMessage[] {
  const first = lastSequence - plan.messages.length + 1;
  return plan.messages.map(({ subject, payload, signature }, index) => ({ subject, payload, sequence: first + index, ...(signature === undefined ? {} : { signature }) }));
}

/**
 * Whether a stored head forbids this writer to go on: somebody with a higher epoch has taken over, or somebody with the
 * same one. Two hubs take the same epoch when neither has written yet and the wall clock is behind what they have seen.
 * @param sent the last head that this writer sent to that cluster under its epoch.
 */
export function isFenced(stored: Head | undefined, ownEpoch: number, sent?: Head): boolean {
  if (stored === undefined || stored.epoch < ownEpoch) return false;
  return stored.epoch > ownEpoch || !isOwn(stored, sent);
}

function isOwn(stored: Head, sent: Head | undefined): boolean {
  if (sent === undefined || stored.generation > sent.generation) return false;
  return stored.generation < sent.generation || sameSummary(stored, sent);
}
