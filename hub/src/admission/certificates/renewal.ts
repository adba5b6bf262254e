/** What is to be made anew at a time, and what is let go. Pure. Times in milliseconds since the Unix epoch. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const AUTHORITY_LIFE_MS = 365 * DAY_MS;
export const LEAF_LIFE_MS = 90 * DAY_MS;
/** A certificate is dated back by this, for API servers whose clock is behind. */
export const CLOCK_SLACK_MS = HOUR_MS;
/** So long every API server has had to hear of a new authority before a certificate of it is served. */
export const SETTLE_MS = DAY_MS;

export interface Validity {
  from: number;
  to: number;
}

export interface StoredLeaf extends Validity {
  /** Index of the authority that signed it; −1 when it is none of those that are stored. */
  issuer: number;
  /** Whether it is for all the names by which the hubs are called now, and its key fits. */
  fits: boolean;
}

export interface Stored {
  /** The newest last. */
  authorities: readonly Validity[];
  leaf: StoredLeaf | undefined;
}

export interface Renewal {
  /** Indices of the authorities that stay trusted. */
  kept: number[];
  /** One more is made, and stands after those. */
  newAuthority: boolean;
  /** Undefined: the leaf stays. Otherwise a new one, signed by the authority of that index in `kept` with the new one after it. */
  leafBy: number | undefined;
}

/** An authority and a leaf each are followed by the next one at two thirds of their life; the old authority is trusted until its end. */
export function decideRenewal({ authorities, leaf }: Stored, now: number): Renewal {
  const kept = [...authorities.keys()].filter((index) => isValid(authorities[index], now));
  const newAuthority = !kept.some((index) => isYoung(authorities[index], now));
  const leafStays = leaf !== undefined && leaf.fits && kept.includes(leaf.issuer) && isYoung(leaf, now);
  const ages = kept.map((index) => now - (authorities[index]?.from ?? now));
  return { kept, newAuthority, leafBy: leafStays ? undefined : signer(ages) };
}

/** Whether that renewal changes anything. */
export function changesNothing({ kept, newAuthority, leafBy }: Renewal, { authorities }: Stored): boolean {
  return kept.length === authorities.length && !newAuthority && leafBy === undefined;
}

/** The newest authority that everybody has heard of; without one the oldest, of which most have. */
function signer(ages: readonly number[]): number {
  return Math.max(0, ages.findLastIndex((age) => age >= SETTLE_MS));
}

function isValid(validity: Validity | undefined, now: number): boolean {
  return validity !== undefined && validity.from <= now && now < validity.to;
}

function isYoung(validity: Validity | undefined, now: number): boolean {
  return validity !== undefined && isValid(validity, now) && now < validity.from + ((validity.to - validity.from) * 2) / 3;
}
