import { parseAssignmentSubject } from "../wire/subjects.ts";
import { type Head, parseHead } from "../wire/head.ts";
import { comparePositions } from "./position.ts";
import { digestShare, sameSummary, SetDigest } from "./set-digest.ts";

/**
 * How an agent proves that its set is complete. Pure: no I/O, no clock.
 *
 * Delivery is not atomic: while a consumer catches up, heads arrive before their sets are whole. So what is received is
 * only *staged*, and the agent switches in one step when a head's count and checksum match everything staged. It drops
 * a check only by such a switch, never because the stream is empty, missing or older than what it holds.
 */

/** One message of the assignment stream. `payload` is null for a delete marker. */
export interface StreamMessage {
  subject: string;
  sequence: number;
  payload: Uint8Array | null;
}

/** A set proved complete by its head. `payloads` is keyed by subject. */
export interface CompleteSet {
  head: Head;
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
  share: bigint;
}

export class Staging {
  readonly #cluster: string;
  readonly #staged = new Map<string, Staged>();
  #digest = new SetDigest();
  #stagedHead: { head: Head; sequence: number } | undefined;
  #active: CompleteSet | undefined;

  /** @param active the set kept on disk, if there is one. */
  constructor(cluster: string, active?: CompleteSet) {
    this.#cluster = cluster;
    this.#active = active;
  }

  /** The set to probe by, or undefined before the first complete one. */
  get active(): CompleteSet | undefined {
    return this.#active;
  }

  get state(): StagingState {
    const staged = this.#stagedHead?.head;
    if (staged === undefined || !sameSummary(staged, this.#digest.summary)) return "incomplete";
    const active = this.#active?.head;
    if (active === undefined) return "incomplete";
    const order = comparePositions(staged, active);
    if (order === 0) return sameSummary(staged, active) ? "in-sync" : "behind";
    return order > 0 ? "incomplete" : "behind";
  }

  /**
   * Takes one message in. Older messages of the same key, and keys that are not this cluster's, change nothing.
   * @returns the new set when this message completed one that is newer than the active one.
   * @throws WireError when a head cannot be read; the staged state is as before.
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
    if (message.payload === null) this.#stagedHead = undefined;
    else this.#stagedHead = { head: parseHead(message.payload), sequence: message.sequence };
  }

  #stageAssignment({ subject, sequence, payload }: StreamMessage): void {
    const before = this.#staged.get(subject);
    if (before !== undefined && sequence <= before.sequence) return;
    if (before !== undefined && before.payload !== null) this.#digest.remove(before.share);
    const share = payload === null ? 0n : digestShare(subject, payload);
    if (payload !== null) this.#digest.add(share);
    this.#staged.set(subject, { sequence, payload, share });
  }

  #switch(): CompleteSet | undefined {
    const head = this.#stagedHead?.head;
    if (head === undefined || !sameSummary(head, this.#digest.summary)) return undefined;
    if (this.#active !== undefined && comparePositions(head, this.#active.head) <= 0) return undefined;
    const payloads = new Map<string, Uint8Array>();
    for (const [subject, { payload }] of this.#staged) if (payload !== null) payloads.set(subject, payload);
    this.#active = { head, payloads };
    return this.#active;
  }
}

/**
 * Whether a set read back from disk is whole: its head's count and checksum match its payloads, and all are this cluster's.
 * A torn or edited file must not become a set.
 */
export function isWhole(cluster: string, set: CompleteSet): boolean {
  const digest = new SetDigest();
  for (const [subject, payload] of set.payloads) {
    const key = parseAssignmentSubject(subject);
    if (key?.kind !== "assignment" || key.cluster !== cluster) return false;
    digest.add(digestShare(subject, payload));
  }
  return sameSummary(digest.summary, set.head);
}
