import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { registration } from "../testing/objects.ts";
import { accountRevocations, isInForce, missingRevocations, type Revocation, withRevocations } from "./revocations.ts";

const revocation = (key: string, revokedAt: number, until = revokedAt + 100): Revocation => ({ key, cluster: "eu-1", revokedAt, until });
const some = fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.nat(50), fc.nat(50)).map(([key, at, life]) => revocation(key, at, at + 1 + life)), { maxLength: 8 });

describe("the list of revocations", () => {
  it("keeps the latest of each key, whatever the order, and drops what has expired by itself", () => {
    fc.assert(
      fc.property(some, some, fc.nat(200), (one, other, now) => {
        expect(withRevocations(one, other, now)).toEqual(withRevocations(other, one, now));
        const whole = withRevocations(one, other, 0);
        for (const { key, revokedAt, until } of [...one, ...other]) {
          const found = whole.find((kept) => kept.key === key);
          expect(found?.revokedAt).toBeGreaterThanOrEqual(revokedAt);
          expect(found?.until).toBeGreaterThanOrEqual(until);
        }
        expect(withRevocations(one, other, now).every(({ until }) => until > now)).toBe(true);
        expect(isInForce(whole, new Map(Object.entries(accountRevocations(whole))))).toBe(true);
      }),
    );
  });

  it("is not in force on a server that lacks one, or has an older one", () => {
    const list = [revocation("a", 5), revocation("b", 6)];
    expect(isInForce(list, new Map([["a", 5], ["b", 6], ["c", 1]]))).toBe(true);
    expect(isInForce(list, new Map([["a", 5], ["b", 5]]))).toBe(false);
    expect(isInForce(list, new Map([["a", 5]]))).toBe(false);
  });
});

function time(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

function keysOf(list: Revocation[]): string[] {
  return list.map(({ key }) => key);
}

describe("what a registration demands to be revoked", () => {
  const now = 1_800_000_000;
  const status = { publicKey: "UA", connectionKey: "UC", sealingKey: "XS", enrolment: { tokenKey: "UT", time: time(now - 60), credentialsIssuedTime: time(now - 30) } };

  it("is nothing while it is accepted, and the working credentials when it is not", () => {
    expect(missingRevocations(registration("eu-1", { status }), [], now)).toEqual([]);
    expect(keysOf(missingRevocations(registration("eu-1", { spec: { accepted: false }, status }), [], now))).toEqual(["UC"]);
    expect(missingRevocations(registration("eu-1", { spec: { accepted: false } }), [], now)).toEqual([]);
  });

  it("is everything when it is deleted", () => {
    expect(keysOf(missingRevocations(registration("eu-1", { metadata: { deletionTimestamp: time(now) }, status }), [], now)).toSorted()).toEqual(["UA", "UC", "UT"]);
  });

  it("covers what was issued by a hub whose clock is ahead, and asks for nothing twice", () => {
    const shut = registration("eu-1", { spec: { accepted: false }, status: { ...status, enrolment: { ...status.enrolment, credentialsIssuedTime: time(now + 90) } } });
    const missing = missingRevocations(shut, [], now);
    expect(missing).toMatchObject([{ key: "UC", revokedAt: now + 90 }]);
    expect(missingRevocations(shut, missing, now + 1)).toEqual([]);
    expect(missingRevocations(shut, [revocation("UC", now)], now)).toHaveLength(1);
  });

  it("is nothing for credentials that have expired by themselves", () => {
    expect(missingRevocations(registration("eu-1", { spec: { accepted: false }, status }), [], now + 2 * 86_400)).toEqual([]);
  });
});
