import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digestShare, sameSummary, SetDigest } from "./set-digest.ts";

const share = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });
const item = fc.tuple(fc.string(), fc.uint8Array({ maxLength: 20 }));

function digestOf(shares: readonly bigint[]): SetDigest {
  const digest = new SetDigest();
  for (const each of shares) digest.add(each);
  return digest;
}

describe("a set's digest", () => {
  it("does not depend on the order in which its members come", () => {
    const shuffled = fc.array(share).chain((shares) => fc.tuple(fc.constant(shares), fc.shuffledSubarray(shares, { minLength: shares.length })));
    const property = fc.property(shuffled, ([shares, other]) => {
      expect(digestOf(other).summary).toEqual(digestOf(shares).summary);
    });
    fc.assert(property);
  });

  it("is as before when what was added is removed again", () => {
    fc.assert(
      fc.property(fc.array(share), fc.array(share), (kept, passing) => {
        const digest = digestOf([...kept, ...passing]);
        for (const each of passing) digest.remove(each);
        expect(digest.summary).toEqual(digestOf(kept).summary);
      }),
    );
  });

  it("differs between sets that differ in one member", () => {
    fc.assert(
      fc.property(fc.array(item), item, item, (rest, [subjectA, payloadA], [subjectB, payloadB]) => {
        fc.pre(subjectA !== subjectB || Buffer.compare(payloadA, payloadB) !== 0);
        const shares = rest.map(([subject, payload]) => digestShare(subject, payload));
        const a = digestOf([...shares, digestShare(subjectA, payloadA)]).summary;
        const b = digestOf([...shares, digestShare(subjectB, payloadB)]).summary;
        expect(sameSummary(a, b)).toBe(false);
      }),
    );
  });

  it("does not let a pair of equal members cancel each other", () => {
    fc.assert(
      fc.property(fc.array(share), fc.bigInt({ min: 1n, max: (1n << 127n) - 1n }), (shares, twice) => {
        expect(digestOf([...shares, twice, twice]).summary.checksum).not.toBe(digestOf(shares).summary.checksum);
      }),
    );
  });

  it("keeps subject and payload apart", () => {
    expect(digestShare("ab", new TextEncoder().encode("c"))).not.toBe(digestShare("a", new TextEncoder().encode("bc")));
  });

  it("is 32 hex digits, and all zeros for the empty set", () => {
    expect(new SetDigest().summary).toEqual({ count: 0, checksum: "0".repeat(32) });
    expect(digestOf([1n]).summary).toEqual({ count: 1, checksum: `${"0".repeat(31)}1` });
    expect(digestOf([(1n << 128n) - 1n, 2n]).summary).toEqual({ count: 2, checksum: `${"0".repeat(31)}1` });
  });

  it("is the first 16 bytes of the SHA-256 of subject, zero byte and payload", () => {
    expect(digestShare("a", new TextEncoder().encode("b")).toString(16)).toBe("59b271ae1bbcb1d31d41929817f4b16f");
  });

  it("is left alone by changes of its copy", () => {
    const digest = digestOf([5n]);
    digest.copy().add(7n);
    expect(digest.summary).toEqual(digestOf([5n]).summary);
  });
});
