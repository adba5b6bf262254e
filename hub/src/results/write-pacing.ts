import { TokenBucket } from "../kube/rate-limit.ts";

/**
 * Why a status is written.
 * - `transition`: the verdict is another one.
 * - `condition`: something else that somebody may wait for: a condition, the observed spec, the counts.
 * - `mend`: the results ConfigMap was deleted or edited by somebody else.
 * - `refresh`: fresher results, at the pace of the refresh period.
 */
export type WriteReason = "transition" | "condition" | "mend" | "refresh";

export const WRITE_REASONS: readonly WriteReason[] = ["transition", "condition", "mend", "refresh"];

type Lane = "transition" | "other";

/** Writes a second. */
export interface WriteBudget {
  transitions: number;
  /** Conditions and mending together. Refreshes have the same number, kept by their period. */
  refreshes: number;
}

interface Booking {
  lane: Lane;
  reason: WriteReason;
  /** Monotonic, milliseconds. */
  at: number;
}

/** This part of a second's budget may be used at once. */
const BURST_SHARE = 0.1;

/**
 * Keeps writes that come in crowds (a target of thousands of monitors fails, a cluster turns silent) within the budget:
 * a single one goes at once, of many each is given its time. What is written then is decided then. Pure: the clock is passed in.
 */
export class WritePacing {
  readonly #buckets: Record<Lane, TokenBucket>;
  readonly #booked = new Map<string, Booking>();

  /** @param nowMs monotonic. */
  constructor({ transitions, refreshes }: WriteBudget, nowMs: number) {
    const bucket = (perSecond: number): TokenBucket => new TokenBucket(perSecond, Math.max(1, perSecond * BURST_SHARE), nowMs);
    this.#buckets = { transition: bucket(transitions), other: bucket(refreshes) };
  }

  /** @returns milliseconds until the monitor may be written; 0 when now, and then its place is used up. */
  waitMs(uid: string, reason: WriteReason, nowMs: number): number {
    if (reason === "refresh") return 0;
    const lane = reason === "transition" ? "transition" : "other";
    const booked = this.#booked.get(uid);
    const at = booked?.lane === lane ? booked.at : nowMs + Math.ceil(this.#buckets[lane].reserve(nowMs));
    if (at > nowMs) this.#booked.set(uid, { lane, reason, at });
    else this.#booked.delete(uid);
    return Math.max(0, at - nowMs);
  }

  /** The monitor has nothing to write any more. */
  release(uid: string): void {
    this.#booked.delete(uid);
  }

  /** Monitors that wait for their time. */
  waiting(reason: WriteReason): number {
    return [...this.#booked.values()].filter((booking) => booking.reason === reason).length;
  }
}
