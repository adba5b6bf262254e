import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AUTHORITY_LIFE_MS, changesNothing, decideRenewal, LEAF_LIFE_MS, type Renewal, SETTLE_MS, type Stored, type Validity } from "./renewal.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 5, 1);

/** An authority that was made so many days ago. */
function authority(days: number): Validity {
  return { from: NOW - days * DAY, to: NOW - days * DAY + AUTHORITY_LIFE_MS };
}

function leaf(days: number, change: Partial<Stored["leaf"] & object> = {}): Stored["leaf"] {
  return { from: NOW - days * DAY, to: NOW - days * DAY + LEAF_LIFE_MS, issuer: 0, fits: true, ...change };
}

const STAYS: Renewal = { kept: [0], newAuthority: false, leafBy: undefined };

describe("what is renewed", () => {
  it.each<[string, Stored, Renewal]>([
    ["all, where there is nothing", { authorities: [], leaf: undefined }, { kept: [], newAuthority: true, leafBy: 0 }],
    ["nothing, while both are young", { authorities: [authority(100)], leaf: leaf(50) }, STAYS],
    ["the leaf at two thirds of its life", { authorities: [authority(100)], leaf: leaf(60) }, { ...STAYS, leafBy: 0 }],
    ["the leaf that has ended", { authorities: [authority(100)], leaf: leaf(91) }, { ...STAYS, leafBy: 0 }],
    ["the leaf of a time to come, after a clock was set back", { authorities: [authority(100)], leaf: leaf(-1) }, { ...STAYS, leafBy: 0 }],
    ["the leaf for other names", { authorities: [authority(100)], leaf: leaf(5, { fits: false }) }, { ...STAYS, leafBy: 0 }],
    ["the leaf that nobody trusts", { authorities: [authority(100)], leaf: leaf(5, { issuer: -1 }) }, { ...STAYS, leafBy: 0 }],
    ["the authority at two thirds of its life, but not the leaf", { authorities: [authority(244)], leaf: leaf(5) }, { kept: [0], newAuthority: true, leafBy: undefined }],
    ["both: the leaf by the old authority, since nobody has heard of the new one", { authorities: [authority(244)], leaf: leaf(60) }, { kept: [0], newAuthority: true, leafBy: 0 }],
    ["the leaf by the old authority, while the new one has not settled", { authorities: [authority(250), authority(0.9)], leaf: leaf(60) }, { kept: [0, 1], newAuthority: false, leafBy: 0 }],
    ["the leaf by the new authority, once it has", { authorities: [authority(250), authority(1)], leaf: leaf(60) }, { kept: [0, 1], newAuthority: false, leafBy: 1 }],
    ["nothing by an authority that has ended: it is let go", { authorities: [authority(366), authority(100)], leaf: leaf(5, { issuer: 1 }) }, { kept: [1], newAuthority: false, leafBy: undefined }],
    ["all, after a year without a hub", { authorities: [authority(400)], leaf: leaf(400) }, { kept: [], newAuthority: true, leafBy: 0 }],
    ["by the first authority at once, though it is new", { authorities: [authority(0)], leaf: undefined }, { ...STAYS, leafBy: 0 }],
  ])("is %s", (_what, stored, renewal) => {
    expect(decideRenewal(stored, NOW)).toEqual(renewal);
  });

  it("leaves something valid in force at any time, whatever was there, and then changes nothing", () => {
    const days = fc.integer({ min: -10, max: 500 });
    const anyLeaf = fc.option(fc.record({ days, issuer: fc.integer({ min: -1, max: 2 }), fits: fc.boolean() }), { nil: undefined });
    fc.assert(
      fc.property(fc.array(days, { maxLength: 3 }), anyLeaf, (made, one) => {
        const stored = { authorities: made.toSorted((a, b) => b - a).map(authority), leaf: one === undefined ? undefined : leaf(one.days, one) };
        const after = renewed(stored, decideRenewal(stored, NOW));
        const signer = signerOf(after);
        expect(signer !== undefined && signer.from <= NOW && NOW < signer.to).toBe(true);
        expect(changesNothing(decideRenewal(after, NOW), after)).toBe(true);
      }),
    );
  });

  it("never serves a certificate of an authority that was heard of for less than a day, if there is another one", () => {
    let stored: Stored = renewed({ authorities: [], leaf: undefined }, decideRenewal({ authorities: [], leaf: undefined }, NOW));
    for (let now = NOW; now < NOW + 3 * AUTHORITY_LIFE_MS; now += DAY / 4) {
      const before = stored;
      stored = renewed(stored, decideRenewal(stored, now), now);
      const signer = signerOf(stored);
      expect(signer !== undefined && now < signer.to).toBe(true);
      const signed = now > NOW && before.leaf?.from !== stored.leaf?.from;
      expect(!signed || now - (signer?.from ?? now) >= SETTLE_MS).toBe(true);
    }
    expect(stored.authorities.length).toBeLessThanOrEqual(2);
  });
});

function signerOf({ authorities, leaf: one }: Stored): Validity | undefined {
  return authorities[one?.issuer ?? -1];
}

/** What stands after a renewal. */
function renewed({ authorities, leaf: before }: Stored, { kept, newAuthority, leafBy }: Renewal, now = NOW): Stored {
  const after = [...kept.flatMap((index) => authorities[index] ?? []), ...(newAuthority ? [{ from: now, to: now + AUTHORITY_LIFE_MS }] : [])];
  if (leafBy !== undefined) return { authorities: after, leaf: { from: now, to: Math.min(now + LEAF_LIFE_MS, after[leafBy]?.to ?? 0), issuer: leafBy, fits: true } };
  return { authorities: after, leaf: before === undefined ? undefined : { ...before, issuer: kept.indexOf(before.issuer) } };
}
