import { headSubject, parseAssignmentSubject } from "../wire/subjects.ts";
import { type Head, parseHead } from "../wire/head.ts";
import { comparePositions } from "./position.ts";
import { WireError } from "../wire/errors.ts";
import { type DigestShare, digestShare, sameSummary, SetDigest } from "./set-digest.ts";

/**
 * How an agent proves that its set is complete. Pure: no I/O, no clock.
 *
 * Delivery is not atomic: while a consumer catches up, heads arrive before their sets are whole. So what is received is
 * only *staged*, and the agent switches in one step when a head's count and checksum match everything staged. It drops
 * a check only by such a switch, never because the stream is empty, missing or older than what it holds.
 *
 * And the head must be the hub's own: it counts only with the hub's signature. Assignments need none, since a head's
 * checksum fits no other set. So whoever may write whatever they like into the stream makes no agent probe anything.
 */

/** One message of the assignment stream. `payload` is null for a delete marker. */
export interface StreamMessage {
  subject: string;
  sequence: number;
  payload: Uint8Array | null;
  /** Its header Sightline-Signature. Whoever wrote the message chose it. */
  signature?: string;
}

/** Whether a head is signed by the hub, for its subject and with these very bytes. */
export type IsAuthentic = (head: Pick<StreamMessage, "subject" | "payload" | "signature">) => boolean;

/** A head as it was stored: byte for byte what the signature is over. */
export interface SignedHead {
  payload: Uint8Array;
  signature: string;
}

/** A set proved complete by its head. `payloads` is keyed by subject. */
export interface CompleteSet {
  head: Head;
  /** The proof of `head`, kept with the set so that it can be looked at again. */
  signed: SignedHead;
  payloads: ReadonlyMap<string, Uint8Array>;
}

export type StagingState =
  /** The staged head matches the staged set, and is what the agent runs. */
  | "in-sync"
  /** Something staged does not match yet: more is to come, or was lost. */
  | "incomplete"
  /** What is stored is complete but older than what the agent runs (a store was rolled back): the hub must repair it. */
  | "behind";

interface Staged {
  sequence: number;
  payload: Uint8Array | null;
  share: DigestShare;
}

export class Staging {
  readonly #cluster: string;
  readonly #isAuthentic: IsAuthentic;
  readonly #staged = new Map<string, Staged>();
  #digest = new SetDigest();
  #stagedHead: { head: Head; signed: SignedHead; sequence: number } | undefined;
  #active: CompleteSet | undefined;

  /** @param active the set kept on disk, if there is one. */
  constructor(cluster: string, isAuthentic: IsAuthentic, active?: CompleteSet) {
    this.#cluster = cluster;
    this.#isAuthentic = isAuthentic;
    this.#active = active;
  }

  /** The set to probe by, or undefined before the first complete one. */
  get active(): CompleteSet | undefined {
    return this.#active;
  }

  get state(): StagingState {
    const staged = this.#stagedHead?.head;
    if (staged === undefined || !this.#digest.matches(staged)) return "incomplete";
    const active = this.#active?.head;
    if (active === undefined) return "incomplete";
    const order = comparePositions(staged, active);
    if (order === 0) return sameSummary(staged, active) ? "in-sync" : "behind";
    return order > 0 ? "incomplete" : "behind";
  }

  /**
   * Takes one message in. Older messages of the same key, and keys that are not this cluster's, change nothing.
   * @returns the new set when this message completed one that is newer than the active one.
   * @throws WireError when a head is not the hub's (INVALID_SIGNATURE), or cannot be read; the staged state is as before.
   */
  receive(message: StreamMessage): CompleteSet | undefined {
    const key = parseAssignmentSubject(message.subject);
    if (key === undefined || key.cluster !== this.#cluster) return undefined;
    if (key.kind === "head") this.#stageHead(message);
    else this.#stageAssignment(message);
    return this.#switch();
  }

  /** Forgets what was staged, after the consumer was set back to the first message. What is active goes on. */
  startOver(): void {
    this.#staged.clear();
    this.#digest = new SetDigest();
    this.#stagedHead = undefined;
  }

  #stageHead(message: StreamMessage): void {
    if (message.sequence <= (this.#stagedHead?.sequence ?? 0)) return;
    const { payload, signature, sequence } = message;
    if (payload === null) this.#stagedHead = undefined;
    else if (signature === undefined || !this.#isAuthentic(message)) throw new WireError("INVALID_SIGNATURE", "the head is not signed by the hub");
    else this.#stagedHead = { head: parseHead(payload), signed: { payload, signature }, sequence };
  }

  #stageAssignment({ subject, sequence, payload }: StreamMessage): void {
    const before = this.#staged.get(subject);
    if (before !== undefined && sequence <= before.sequence) return;
    if (before !== undefined && before.payload !== null) this.#digest.remove(before.share);
    const share = payload === null ? "" : digestShare(subject, payload);
    if (payload !== null) this.#digest.add(share);
    this.#staged.set(subject, { sequence, payload, share });
  }

  #switch(): CompleteSet | undefined {
    if (this.#stagedHead === undefined) return undefined;
    const { head, signed } = this.#stagedHead;
    if (!this.#digest.matches(head)) return undefined;
    if (this.#active !== undefined && comparePositions(head, this.#active.head) <= 0) return undefined;
    const payloads = new Map<string, Uint8Array>();
    for (const [subject, { payload }] of this.#staged) if (payload !== null) payloads.set(subject, payload);
    this.#active = { head, signed, payloads };
    return this.#active;
  }
}

/**
 * Whether a set read back from disk is whole: the hub signed its head for this cluster, and the head's count and checksum
 * match the payloads. A torn or edited file must not become a set, nor another cluster's.
 */
export function isWhole(cluster: string, set: CompleteSet, isAuthentic: IsAuthentic): boolean {
  if (!isAuthentic({ subject: headSubject(cluster), ...set.signed })) return false;
  const digest = new SetDigest();
  for (const [subject, payload] of set.payloads) {
    const key = parseAssignmentSubject(subject);
    if (key?.kind !== "assignment" || key.cluster !== cluster) return false;
    digest.add(digestShare(subject, payload));
  }
  return digest.matches(set.head);
}
