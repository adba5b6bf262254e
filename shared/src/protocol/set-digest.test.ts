import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DigestShare, digestShare, sameSummary, SetDigest } from "./set-digest.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const item = fc.tuple(fc.string(), fc.uint8Array({ maxLength: 20 }));
const share = item.map(([subject, payload]) => digestShare(subject, payload));
const shares = fc.array(share, { maxLength: 12 });

function digestOf(members: readonly DigestShare[]): SetDigest {
  const digest = new SetDigest();
  for (const each of members) digest.add(each);
  return digest;
}

describe("a set's digest", () => {
  it("does not depend on the order in which its members come", () => {
    const shuffled = shares.chain((members) => fc.tuple(fc.constant(members), fc.shuffledSubarray(members, { minLength: members.length })));
    const property = fc.property(shuffled, ([members, other]) => {
      expect(digestOf(other).summary).toEqual(digestOf(members).summary);
    });
    fc.assert(property);
  });

  it("is as before when what was added is removed again, in whatever order", () => {
    fc.assert(
      fc.property(shares, shares, (kept, passing) => {
        const digest = digestOf([...passing, ...kept]);
        for (const each of passing) digest.remove(each);
        expect(digest.summary).toEqual(digestOf(kept).summary);
        expect(digest.matches(digestOf(kept).summary)).toBe(true);
      }),
    );
  });

  it("is also as before when something is removed before it was added", () => {
    fc.assert(
      fc.property(shares, share, (kept, passing) => {
        const digest = digestOf(kept);
        digest.remove(passing);
        expect(digest.summary.count).toBe(kept.length - 1);
        digest.add(passing);
        expect(digest.summary).toEqual(digestOf(kept).summary);
      }),
    );
  });

  it("differs between sets that differ in one member", () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 8 }), item, item, (rest, [subjectA, payloadA], [subjectB, payloadB]) => {
        fc.pre(subjectA !== subjectB || Buffer.compare(payloadA, payloadB) !== 0);
        const members = rest.map(([subject, payload]) => digestShare(subject, payload));
        const a = digestOf([...members, digestShare(subjectA, payloadA)]);
        const b = digestOf([...members, digestShare(subjectB, payloadB)]);
        expect(sameSummary(a.summary, b.summary)).toBe(false);
        expect(a.matches(b.summary)).toBe(false);
      }),
    );
  });

  it("does not let a pair of equal members cancel each other", () => {
    const property = fc.property(shares, share, (members, twice) => {
      expect(digestOf([...members, twice, twice]).summary.checksum).not.toBe(digestOf(members).summary.checksum);
    });
    fc.assert(property);
  });

  it("keeps subject and payload apart", () => {
    expect(digestShare("ab", bytes("c"))).not.toBe(digestShare("a", bytes("bc")));
  });

  /** Computed by another implementation (Python's hashlib): what hubs and agents of all versions must agree on. */
  it.each<[[string, string][], string]>([
    [[], "e5a00aa9991ac8a5ee3109844d84a55583bd20572ad3ffcd42792f3c36b183ad"],
    [[["a", "b"]], "9437c655a6c7108e36cbb408dc88844aa05822e03cd6669ddb4b3302be47f6fa"],
    [[["a", "b"], ["c", "d"]], "8a7596a57784ab2abc94cf9397234dc073ec63966a592027f89173831cf6b118"],
  ])("of %j is the one that was fixed", (members, checksum) => {
    const digest = digestOf(members.map(([subject, payload]) => digestShare(subject, bytes(payload))));
    expect(digest.summary).toEqual({ count: members.length, checksum });
  });

  it("is left alone by changes of its copy", () => {
    const [one, other] = [digestShare("a", bytes("1")), digestShare("a", bytes("2"))];
    const digest = digestOf([one]);
    digest.copy().add(other);
    expect(digest.summary).toEqual(digestOf([one]).summary);
    expect(digest.copy().summary).toEqual(digest.summary);
  });
});
