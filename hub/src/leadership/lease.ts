/** What the Lease says, in our words. */
export interface LeaseTerms {
  /** Identity of the replica that leads; "" when nobody does. */
  holder: string;
  /** For how long the holder may be unheard of before another one takes over. */
  durationMs: number;
  /** As it is stored. Only compared, never computed with: it is another machine's clock. */
  renewTime: string;
  acquireTime: string;
  /** How often the holder has changed. */
  transitions: number;
}

export interface StoredLease extends LeaseTerms {
  resourceVersion: string;
}

/** What one replica knows of the Lease. */
export interface ObservedLease {
  /** Undefined when there is none now. */
  stored: StoredLease | undefined;
  /** The last holder that was seen: a Lease that was deleted is its holder's still, until its time is up. */
  holder: string;
  durationMs: number;
  /** Own monotonic clock, milliseconds: when it was last seen to be another one than before. */
  changedAt: number;
}

/** Who asks. */
export interface Candidate {
  identity: string;
  /** An identity that this replica had in an earlier life, which is known to have ended. */
  predecessor?: string;
  /** How long a Lease counts that does not say so itself. Milliseconds. */
  durationMs: number;
  /** It wants to lead no more. */
  leaving: boolean;
}

export type LeaseDecision =
  /** Nobody leads, or whoever did is out of time: become the holder. */
  | { kind: "acquire" }
  /** The Lease is our own: say that we are here. */
  | { kind: "renew" }
  /** Somebody else leads, for so long at least; Infinity for one who does not want to lead. */
  | { kind: "wait"; forMs: number }
  /** The Lease is our own and not wanted any more: empty it, so that nobody has to wait for its end. */
  | { kind: "release" };

/**
 * Takes in what was read at `now` (own monotonic clock, when the answer had come).
 * As in client-go's leaderelection, a foreign lease's age is the time since it was last *seen to change*, by the own
 * clock. Its timestamps say nothing: they come from a clock that may be wrong.
 */
export function observeLease(before: ObservedLease | undefined, stored: StoredLease | undefined, now: number): ObservedLease {
  if (stored === undefined) return { holder: "", durationMs: 0, changedAt: now, ...before, stored: undefined };
  const { holder, durationMs } = stored;
  const known = before?.stored;
  const same = known?.resourceVersion === stored.resourceVersion && known.holder === holder && known.renewTime === stored.renewTime;
  return { stored, holder, durationMs, changedAt: same ? (before?.changedAt ?? now) : now };
}

/** What to do about the Lease now. Pure; `now` is the own monotonic clock in milliseconds. */
export function decideLease(observed: ObservedLease, now: number, { identity, predecessor, durationMs, leaving }: Candidate): LeaseDecision {
  const { stored, holder } = observed;
  if (stored !== undefined && holder === identity) return { kind: leaving ? "release" : "renew" };
  if (leaving) return { kind: "wait", forMs: Infinity };
  if (holder === "" || holder === identity || holder === predecessor) return { kind: "acquire" };
  const forMs = observed.changedAt + (observed.durationMs || durationMs) - now;
  return forMs <= 0 ? { kind: "acquire" } : { kind: "wait", forMs };
}

/** What the holder writes. `at` is the wall clock as the Lease tells it, for people to read. */
export function leaseTerms(stored: StoredLease | undefined, { identity, durationMs, at }: { identity: string; durationMs: number; at: string }): LeaseTerms {
  if (stored?.holder === identity) return { holder: identity, durationMs, renewTime: at, acquireTime: stored.acquireTime, transitions: stored.transitions };
  return { holder: identity, durationMs, renewTime: at, acquireTime: at, transitions: stored === undefined ? 0 : stored.transitions + 1 };
}
