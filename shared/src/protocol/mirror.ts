import { contentHash } from "../canonical-json.ts";
import { SightlineError } from "../errors.ts";
import { type Assignment, parseAssignment, type SealedHeader } from "../wire/assignment.ts";
import { type Head, parseHead } from "../wire/head.ts";
import { assignmentSubject, parseAssignmentSubject } from "../wire/subjects.ts";
import { type DigestShare, digestShare, SetDigest } from "./set-digest.ts";
import type { IsAuthentic, StreamMessage } from "./staging.ts";

/** What is stored for one (cluster, monitor). */
export interface StoredAssignment {
  sequence: number;
  share: DigestShare;
  /**
   * Whether a hub is known to have meant it: this one wrote it, or found just what it would write, or it was summed up by
   * a head with the hub's signature. Whatever else is stored, somebody else may have put there; no head is signed over it.
   */
  vouched: boolean;
  /** Hash of the assignment inside, or undefined when the stored bytes are no assignment at all. */
  content: string | undefined;
  /** Of an assignment that has any: sealing is not repeatable, so what is still right must be kept as it was stored. */
  sealedHeaders?: readonly SealedHeader[];
}

/** The writer's picture of one cluster's part of the assignment stream. */
export interface ClusterMirror {
  /** Undefined when there is none, or what is stored in its place is none that a hub wrote. */
  head: Head | undefined;
  /** Something is stored in the place of the head that is none: it has to be written over. */
  headDamaged: boolean;
  /** Stream sequence of the head's subject; 0 when there is none. What the next head is compared-and-set against. */
  headSequence: number;
  assignments: Map<string, StoredAssignment>;
  digest: SetDigest;
  /** Deletes of our own that reading has not come to yet: what is read from before them is no news. */
  ownDeletes: Map<string, number>;
}

/**
 * The writer's picture of the assignment stream, fed by reading it and by its own commits. Pure: no I/O, no clock.
 * It keeps hashes, not payloads: a monitor costs a few hundred bytes per cluster.
 */
export class AssignmentMirror {
  readonly #isAuthentic: IsAuthentic;
  readonly #clusters = new Map<string, ClusterMirror>();
  readonly #clustersOf = new Map<string, Set<string>>();

  /** @param isAuthentic a head that is not signed is as good as none: neither its epoch nor what it sums up counts. */
  constructor(isAuthentic: IsAuthentic) {
    this.#isAuthentic = isAuthentic;
  }

  /**
   * Takes in what an own commit stored, before reading shows the same messages.
   * @returns false when something as new as the commit was known already: the store went back, and must be read again.
   */
  commit(messages: readonly StreamMessage[]): boolean {
    let isNewer = true;
    for (const message of messages) {
      isNewer = this.#sequenceOf(message.subject) < message.sequence && isNewer;
      this.#apply(message, () => true);
      const key = parseAssignmentSubject(message.subject);
      const stored = key?.kind === "assignment" ? this.cluster(key.cluster).assignments.get(key.uid) : undefined;
      if (stored?.sequence === message.sequence) stored.vouched = true;
      if (key?.kind === "assignment" && message.payload === null) this.#ensure(key.cluster).ownDeletes.set(key.uid, message.sequence);
    }
    return isNewer;
  }

  /** Takes one message in as it was read, in stream order. A sequence that is not newer than the known one changes nothing. */
  apply(message: StreamMessage): void {
    this.#apply(message, this.#isAuthentic);
  }

  /**
   * Everything has been read: what a signed head sums up is vouched for, and what `previous`, an earlier picture of the
   * same stream, vouched for, if it is the same bytes.
   */
  vouch(previous?: AssignmentMirror): void {
    for (const [name, { head, digest, assignments }] of this.#clusters) {
      const whole = head !== undefined && digest.matches(head);
      const before = previous?.cluster(name).assignments;
      for (const [uid, stored] of assignments) {
        const known = before?.get(uid);
        stored.vouched ||= whole || (known?.vouched === true && known.share === stored.share);
      }
    }
  }

  /** A monitor's stored assignments are the wanted ones, or were made so: what is just as wanted is vouched for from now on. */
  confirm(uid: string, wanted: ReadonlyMap<string, Assignment>): void {
    for (const [cluster, assignment] of wanted) {
      const stored = this.cluster(cluster).assignments.get(uid);
      if (stored !== undefined) stored.vouched ||= stored.content === contentHash(assignment);
    }
  }

  /** The picture of one cluster; of a cluster that was never seen, an empty one. */
  cluster(cluster: string): Readonly<ClusterMirror> {
    return this.#clusters.get(cluster) ?? emptyCluster();
  }

  /** Names of all clusters that have a head or an assignment. */
  clusters(): string[] {
    return [...this.#clusters.keys()];
  }

  /** Clusters that hold an assignment of the monitor. */
  clustersOf(uid: string): ReadonlySet<string> {
    return this.#clustersOf.get(uid) ?? new Set();
  }

  /** Every monitor that is assigned anywhere. */
  monitors(): string[] {
    return [...this.#clustersOf.keys()];
  }

  /**
   * Clusters whose head does not sum up what is stored beside it: somebody wrote there by hand, or a store was damaged.
   * With nothing assigned no head is needed: its cluster was removed. But what stands there must be one.
   */
  inconsistentClusters(): string[] {
    return [...this.#clusters].filter(([, cluster]) => !isConsistent(cluster)).map(([name]) => name);
  }

  /** How many messages must be there: delete markers and heads of empty sets are not counted, the server may forget them. */
  get size(): number {
    let size = 0;
    for (const { headSequence, head, assignments } of this.#clusters.values()) size += assignments.size + (headSequence > 0 && head?.count !== 0 ? 1 : 0);
    return size;
  }

  /** Every epoch seen in a head. */
  epochs(): number[] {
    return [...this.#clusters.values()].flatMap(({ head }) => (head === undefined ? [] : [head.epoch]));
  }

  #apply(message: StreamMessage, isAuthentic: IsAuthentic): void {
    const key = parseAssignmentSubject(message.subject);
    if (key === undefined) return;
    const cluster = this.#ensure(key.cluster);
    if (key.kind === "assignment") this.#applyAssignment(cluster, key, message);
    else if (message.sequence > cluster.headSequence) {
      cluster.headSequence = message.sequence;
      cluster.head = isAuthentic(message) ? headIn(message) : undefined;
      cluster.headDamaged = cluster.head === undefined && message.payload !== null;
    }
  }

  /** The newest sequence known of a subject; 0 when there is none. */
  #sequenceOf(subject: string): number {
    const key = parseAssignmentSubject(subject);
    if (key === undefined) return 0;
    const cluster = this.cluster(key.cluster);
    if (key.kind === "head") return cluster.headSequence;
    return Math.max(cluster.assignments.get(key.uid)?.sequence ?? 0, cluster.ownDeletes.get(key.uid) ?? 0);
  }

  #ensure(name: string): ClusterMirror {
    const known = this.#clusters.get(name);
    if (known !== undefined) return known;
    const made = emptyCluster();
    this.#clusters.set(name, made);
    return made;
  }

  #applyAssignment(cluster: ClusterMirror, key: { cluster: string; uid: string }, message: StreamMessage): void {
    const before = cluster.assignments.get(key.uid);
    const known = this.#sequenceOf(message.subject);
    if (message.sequence >= known) cluster.ownDeletes.delete(key.uid);
    if (message.sequence <= known) return;
    if (before !== undefined) cluster.digest.remove(before.share);
    if (message.payload === null) {
      cluster.assignments.delete(key.uid);
      this.#unlink(key.uid, key.cluster);
      return;
    }
    const stored = storedAssignment(message.subject, message.sequence, message.payload);
    stored.vouched = before?.vouched === true && before.share === stored.share;
    cluster.assignments.set(key.uid, stored);
    cluster.digest.add(stored.share);
    this.#link(key.uid, key.cluster);
  }

  #link(uid: string, cluster: string): void {
    const holders = this.#clustersOf.get(uid);
    if (holders === undefined) this.#clustersOf.set(uid, new Set([cluster]));
    else holders.add(cluster);
  }

  #unlink(uid: string, cluster: string): void {
    const holders = this.#clustersOf.get(uid);
    holders?.delete(cluster);
    if (holders?.size === 0) this.#clustersOf.delete(uid);
  }
}

function headIn({ payload }: StreamMessage): Head | undefined {
  return payload === null ? undefined : readable(() => parseHead(payload));
}

function isConsistent({ head, headDamaged, assignments, digest }: ClusterMirror): boolean {
  return head === undefined ? !headDamaged && assignments.size === 0 : digest.matches(head);
}

function emptyCluster(): ClusterMirror {
  return { head: undefined, headDamaged: false, headSequence: 0, assignments: new Map(), digest: new SetDigest(), ownDeletes: new Map() };
}

function storedAssignment(subject: string, sequence: number, payload: Uint8Array): StoredAssignment {
  const share = digestShare(subject, payload);
  const { content, sealedHeaders } = readable(() => ownContent(subject, payload)) ?? {};
  return { sequence, share, vouched: false, content, ...(sealedHeaders === undefined ? {} : { sealedHeaders }) };
}

/** What is kept of a stored assignment, or undefined when it stands under another monitor's key. */
function ownContent(subject: string, payload: Uint8Array): { content: string; sealedHeaders: SealedHeader[] | undefined } | undefined {
  const assignment = parseAssignment(payload).data;
  const key = parseAssignmentSubject(subject);
  const own = key !== undefined && assignmentSubject(key.cluster, assignment.uid) === subject;
  return own ? { content: contentHash(assignment), sealedHeaders: assignment.sealedHeaders } : undefined;
}

/** Unreadable bytes are a fact to repair, not an error; a RangeError is JSON nested deeper than the stack. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof SightlineError || error instanceof RangeError) return undefined;
    throw error;
  }
}
