import { describe, expect, it } from "vitest";
import { type Candidate, decideLease, leaseTerms, type ObservedLease, observeLease, type StoredLease } from "./lease.ts";

function stored(change: Partial<StoredLease> = {}): StoredLease {
  return { resourceVersion: "7", holder: "b", durationMs: 15_000, renewTime: "t1", acquireTime: "t0", transitions: 3, ...change };
}

function seen(change: Partial<StoredLease> = {}, changedAt = 1000): ObservedLease {
  return observeLease(undefined, stored(change), changedAt);
}

const a: Candidate = { identity: "a", durationMs: 15_000, leaving: false };
const gone = observeLease(seen(), undefined, 9000);

describe("decideLease", () => {
  it.each<[string, ObservedLease, number, Partial<Candidate>, object]>([
    ["makes a Lease that was never there", observeLease(undefined, undefined, 0), 0, {}, { kind: "acquire" }],
    ["takes one that was given back, at once", seen({ holder: "" }), 1000, {}, { kind: "acquire" }],
    ["renews its own", seen({ holder: "a" }), 9_999_999, {}, { kind: "renew" }],
    ["waits for another's, from when it was seen to change", seen(), 4000, {}, { kind: "wait", forMs: 12_000 }],
    ["takes another's whose time is up", seen(), 16_000, {}, { kind: "acquire" }],
    ["goes by the duration that the Lease names", seen({ durationMs: 60_000 }), 16_000, {}, { kind: "wait", forMs: 45_000 }],
    ["goes by its own where the Lease names none", seen({ durationMs: 0 }), 2000, {}, { kind: "wait", forMs: 14_000 }],
    ["takes what its own former life holds, at once", seen(), 1000, { predecessor: "b" }, { kind: "acquire" }],
    ["leaves a deleted Lease to its holder until its time is up", gone, 9000, {}, { kind: "wait", forMs: 7000 }],
    ["makes a deleted one anew when the holder's time is up", gone, 16_000, {}, { kind: "acquire" }],
    ["makes its own anew when somebody deleted it", observeLease(seen({ holder: "a" }), undefined, 2000), 2000, {}, { kind: "acquire" }],
    ["gives its own back when it leaves", seen({ holder: "a" }), 2000, { leaving: true }, { kind: "release" }],
    ["leaves alone what is another's, or nobody's, when it leaves", seen({ holder: "" }), 99_000, { leaving: true }, { kind: "wait", forMs: Infinity }],
    ["leaves a deleted one alone when it leaves", observeLease(seen({ holder: "a" }), undefined, 2000), 2000, { leaving: true }, { kind: "wait", forMs: Infinity }],
  ])("%s", (...[, observed, now, candidate, decision]) => {
    expect(decideLease(observed, now, { ...a, ...candidate })).toEqual(decision);
  });
});

describe("observeLease", () => {
  it("counts from the first sight of a version, not from its timestamps", () => {
    const first = observeLease(undefined, stored({ renewTime: "1999-01-01T00:00:00.000000Z" }), 5000);
    expect(observeLease(first, stored({ renewTime: "1999-01-01T00:00:00.000000Z" }), 9000).changedAt).toBe(5000);
  });

  it.each([{ resourceVersion: "8" }, { holder: "c" }, { renewTime: "t2" }])("counts anew when %o is another one", (change) => {
    expect(observeLease(seen({}, 5000), stored(change), 9000).changedAt).toBe(9000);
  });

  it("counts anew for a Lease that was made after one was deleted", () => {
    expect(observeLease(gone, stored(), 12_000).changedAt).toBe(12_000);
  });
});

describe("leaseTerms", () => {
  const mine = { identity: "a", durationMs: 15_000, at: "now" };

  it("keep the beginning of a holder that goes on", () => {
    expect(leaseTerms(stored({ holder: "a" }), mine)).toEqual({ holder: "a", durationMs: 15_000, renewTime: "now", acquireTime: "t0", transitions: 3 });
  });

  it("count a change of the holder", () => {
    expect(leaseTerms(stored(), mine)).toMatchObject({ acquireTime: "now", transitions: 4 });
    expect(leaseTerms(undefined, mine)).toMatchObject({ acquireTime: "now", transitions: 0 });
  });
});
