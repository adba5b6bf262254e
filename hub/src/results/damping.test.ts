import type { PairState } from "@sightline/shared/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Thresholds, UNDAMPED } from "../monitors/thresholds.ts";
import { countsAsPassed, damp, dampedPair, failureOf } from "./damping.ts";
import { nextPair, pairOf } from "./pair-state.ts";
import { resultOf } from "./testing.ts";

const FAILURE = { success: false, statusCode: 500, error: { code: "UNEXPECTED_STATUS", message: "got 500" } };

function pair(sequence: number, success: boolean, change: Partial<PairState> = {}): PairState {
  return { ...pairOf(resultOf({ sequence, endedAt: sequence, ...(success ? {} : FAILURE) }), { storedAt: 1e6, clockOffsetMs: 0 }), ...change };
}

/** The pair after these results, as the store takes them in: what is not newer changes nothing. */
function after(results: readonly PairState[], thresholds: Thresholds, from?: PairState): PairState | undefined {
  return results.reduce<PairState | undefined>((known, arrived) => (nextPair(known, arrived) === arrived ? dampedPair(known, arrived, thresholds) : known), from);
}

/** `1` and `0` as results with rising sequences; passed or failed after each. */
function story(outcomes: string, thresholds: Thresholds): string {
  const results = [...outcomes.matchAll(/[01]/g)].map(([outcome], index) => pair(index + 1, outcome === "1"));
  return results.map((_result, index) => after(results.slice(0, index + 1), thresholds)).map((state) => (state !== undefined && countsAsPassed(state, thresholds) ? "1" : "0")).join("");
}

/**
 * The rule again, from the whole history and without a state that is carried on: who changed when is found by looking back
 * from each result to the change before it.
 */
function reference(outcomes: readonly boolean[], { failures, window, successes }: Thresholds): boolean {
  let [passed, changedAt] = [outcomes[0] === true, 0];
  for (let at = 1; at < outcomes.length; at++) {
    const since = outcomes.slice(changedAt + 1, at + 1);
    const failed = since.slice(Math.max(0, since.length - window)).filter((success) => !success).length;
    const inARow = since.length - 1 - since.lastIndexOf(false);
    const turns = passed ? failed >= failures : inARow >= successes;
    if (turns) [passed, changedAt] = [!passed, at];
  }
  return passed;
}

const thresholds = fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 })).map(([a, b, successes]): Thresholds => ({ failures: Math.min(a, b), window: Math.max(a, b), successes }));
/** Small ones, so that short histories turn often. */
const lowThresholds = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 3 })).map(([a, b, successes]): Thresholds => ({ failures: Math.min(a, b), window: Math.max(a, b), successes }));
const histories = fc.array(fc.boolean(), { minLength: 1, maxLength: 60 });

describe("flap damping", () => {
  it("is the reference model's on 100,000 random histories", { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(fc.oneof(thresholds, lowThresholds), histories, (limits, outcomes) => {
        let state = { passed: outcomes[0] === true, recent: "" };
        for (const success of outcomes.slice(1)) state = damp(state, success, limits);
        if (state.passed !== reference(outcomes, limits)) throw new Error(`${state.passed} after ${outcomes.map(Number).join("")}`);
      }),
      { numRuns: 100_000 },
    );
  });

  it("changes nothing for duplicates and late results, wherever a checkpoint cuts the history", () => {
    const deliveries = histories.chain((outcomes) => {
      const results = outcomes.map((success, index) => pair(index + 1, success));
      const again = fc.array(fc.tuple(fc.nat(outcomes.length - 1), fc.nat(80)), { maxLength: 10 });
      return fc.tuple(fc.constant(results), again, fc.nat(80));
    });
    fc.assert(
      fc.property(lowThresholds, deliveries, (limits, [results, again, cut]) => {
        // A result comes again at any time after it came first.
        const arrived = again.reduce<PairState[]>((all, [which, later]) => {
          const copy = results[which];
          return copy === undefined ? all : all.toSpliced(Math.min(all.indexOf(copy) + 1 + later, all.length), 0, copy);
        }, [...results]);
        const stored = after(arrived.slice(0, cut), limits);
        const restored: PairState | undefined = stored === undefined ? undefined : structuredClone(stored);
        expect(after(arrived.slice(cut), limits, restored)).toEqual(after(results, limits));
        expect(after(arrived, limits)).toEqual(after(results, limits));
      }),
      { numRuns: 2000 },
    );
  });

  it.each<[string, Thresholds, string, string]>([
    ["each result decides by itself at 1 of 1", UNDAMPED, "1011001", "1011001"],
    ["a larger window alone makes no difference", { failures: 1, window: 5, successes: 1 }, "1011001", "1011001"],
    ["three in a row", { failures: 3, window: 3, successes: 1 }, "1001000010", "1111110011"],
    ["three of five", { failures: 3, window: 5, successes: 1 }, "10101011", "11111011"],
    ["three of five that are too far apart", { failures: 3, window: 5, successes: 1 }, "1011101110", "1111111111"],
    ["two successes in a row to recover", { failures: 1, window: 1, successes: 2 }, "1010110", "1000010"],
    ["after a recovery the whole number of failures again", { failures: 3, window: 5, successes: 1 }, "100010100", "111011110"],
    ["the first result decides at once", { failures: 5, window: 5, successes: 5 }, "01111", "00000"],
  ])("%s", (_what, limits, outcomes, states) => expect(story(outcomes, limits)).toBe(states));

  it("begins anew with another check", () => {
    const limits = { failures: 3, window: 3, successes: 1 };
    const failed = after([pair(1, true), pair(2, false, { checkHash: "new" })], limits);
    expect(failed?.damping).toEqual({ passed: false, recent: "" });
  });

  it("goes on from the last result where thresholds are new, and stores nothing where there are none", () => {
    const limits = { failures: 2, window: 2, successes: 1 };
    const plain = after([pair(1, true)], UNDAMPED);
    expect(plain).toEqual(pair(1, true));
    expect(after([pair(2, false)], limits, plain)?.damping).toEqual({ passed: true, recent: "0" });
    const damped = after([pair(2, false)], limits, plain);
    expect(after([pair(3, false)], UNDAMPED, damped)).toEqual(pair(3, false));
    expect([countsAsPassed(pair(1, false), limits), damped && countsAsPassed(damped, UNDAMPED)]).toEqual([false, false]);
  });

  it("keeps the newest failure for as long as the cluster counts as failed", () => {
    const limits = { failures: 1, window: 1, successes: 3 };
    const results = [pair(1, true), pair(2, false), pair(3, true), pair(4, false), pair(5, true), pair(6, true), pair(7, true)];
    const failures = results.map((_result, index) => after(results.slice(0, index + 1), limits)).map((state) => state && failureOf(state)?.endedAt);
    expect(failures).toEqual([undefined, 2, 2, 4, 4, 4, undefined]);
  });

  it("remembers a bounded number of results", () => {
    const limits = { failures: 20, window: 20, successes: 20 };
    const state = after(Array.from({ length: 100 }, (_none, index) => pair(index + 1, index % 2 === 0)), limits);
    expect(state?.damping?.recent).toHaveLength(20);
  });
});
