import type { ProbeResult } from "@sightline/shared/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorText, isChange, nextPair, pairOf, type PairState } from "./pair-state.ts";

function probe(over: Partial<ProbeResult> = {}): ProbeResult {
  return { uid: "u", namespace: "n", name: "m", checkHash: "h", scheduledAt: 0, endedAt: 5000, agentEpoch: 1, sequence: 1, success: true, statusCode: 200, durationMs: 1, phases: {}, ...over };
}

const pair = (over: Partial<ProbeResult> = {}): PairState => pairOf(probe(over), { storedAt: 10_000, clockOffsetMs: 0 });

describe("a pair's last result", () => {
  it("is the same whatever the order and however often results arrive", () => {
    const history = fc.uniqueArray(fc.record({ agentEpoch: fc.nat(3), sequence: fc.nat(20), success: fc.boolean(), endedAt: fc.nat(9999) }), {
      minLength: 1,
      selector: ({ agentEpoch, sequence }) => `${agentEpoch}.${sequence}`,
    });
    const delivery = history.chain((results) => {
      const duplicates = fc.array(fc.constantFrom(...results));
      const shuffled = duplicates.chain((more) => fc.shuffledSubarray([...results, ...more], { minLength: results.length + more.length }));
      return fc.tuple(fc.constant(results), shuffled);
    });
    fc.assert(
      fc.property(delivery, ([results, arrived]) => {
        const end = arrived.reduce<PairState | undefined>((known, value) => nextPair(known, pair(value)), undefined);
        const newest = results.toSorted((a, b) => b.agentEpoch - a.agentEpoch || b.sequence - a.sequence)[0];
        expect(end).toEqual(pair(newest));
      }),
    );
  });

  it("is timed by the hub's clock, and never later than its arrival", () => {
    expect(pairOf(probe({ endedAt: 9000 }), { storedAt: 10_000, clockOffsetMs: 2000 }).endedAt).toBe(7000);
    expect(pairOf(probe({ endedAt: 9000 }), { storedAt: 10_000, clockOffsetMs: -2000 }).endedAt).toBe(10_000);
  });

  it("changes by its outcome, not by its time", () => {
    const failed = { success: false, statusCode: 500, error: { code: "UNEXPECTED_STATUS", message: "x" } };
    expect(isChange(undefined, pair())).toBe(true);
    expect(isChange(pair(), pair({ sequence: 2, endedAt: 6000, durationMs: 9 }))).toBe(false);
    expect(isChange(pair(), pair({ sequence: 2, ...failed }))).toBe(true);
    expect(isChange(pair(failed), pair({ sequence: 2, ...failed, error: { code: "TIMEOUT", message: "y" } }))).toBe(true);
    expect(isChange(pair(), pair({ sequence: 2, checkHash: "other" }))).toBe(true);
  });
});

describe("an error's text", () => {
  it("begins with its code, but for a wrong status", () => {
    expect(errorText({ error: { code: "DNS_NOT_FOUND", message: "host name not found: x" } })).toBe("DNS_NOT_FOUND: host name not found: x");
    expect(errorText({ error: { code: "UNEXPECTED_STATUS", message: "unexpected status code: got 500, expected 200" } })).toBe("unexpected status code: got 500, expected 200");
    expect(errorText({})).toBeUndefined();
  });
});
