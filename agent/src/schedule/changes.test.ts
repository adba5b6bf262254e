import { describe, expect, it } from "vitest";
import type { RunnableCheck } from "../assignments/read-set.ts";
import { scheduleChanges } from "./changes.ts";

function set(...entries: { uid: string; hash?: string; suspend?: boolean; askedAt?: number }[]): Map<string, RunnableCheck> {
  return new Map(
    entries.map(({ uid, hash = "h", suspend = false, askedAt }) => {
      const check = { url: "http://a/", method: "GET", headers: {}, intervalMs: 1000, timeoutMs: 1000, expectedStatuses: ["200"], redirects: { follow: true, max: 10 }, connection: "Fresh" as const };
      return [uid, { assignment: { uid, namespace: "n", name: uid, checkHash: hash, check, suspend, ...(askedAt === undefined ? {} : { probeRequestedAt: askedAt }) } }];
    }),
  );
}

function summary(before: Map<string, RunnableCheck>, after: Map<string, RunnableCheck>): Record<string, string[]> {
  const { stopped, started, kept } = scheduleChanges(before, after);
  return { stopped, started: uids(started), kept: uids(kept) };
}

function uids(checks: RunnableCheck[]): string[] {
  return checks.map(({ assignment }) => assignment.uid);
}

describe("a switch to a new set", () => {
  it.each([
    ["starts what is new", set(), set({ uid: "a" }), { stopped: [], started: ["a"], kept: [] }],
    ["keeps what is the same", set({ uid: "a" }), set({ uid: "a" }), { stopped: [], started: [], kept: ["a"] }],
    ["starts what is changed", set({ uid: "a" }), set({ uid: "a", hash: "i" }), { stopped: [], started: ["a"], kept: [] }],
    ["stops what is withdrawn", set({ uid: "a" }), set(), { stopped: ["a"], started: [], kept: [] }],
    ["stops what is suspended", set({ uid: "a" }), set({ uid: "a", suspend: true }), { stopped: ["a"], started: [], kept: [] }],
    ["starts what is resumed", set({ uid: "a", suspend: true }), set({ uid: "a" }), { stopped: [], started: ["a"], kept: [] }],
    ["does not start what stays suspended", set({ uid: "a", suspend: true }), set({ uid: "a", suspend: true, hash: "i" }), { stopped: [], started: [], kept: [] }],
  ])("%s", (_what, before, after, expected) => expect(summary(before, after)).toEqual(expected));

  it.each([
    ["with the first one", set({ uid: "a" }), set({ uid: "a", askedAt: 1 }), ["a"]],
    ["with each new one, also an earlier time", set({ uid: "a", askedAt: 2 }), set({ uid: "a", askedAt: 1 }), ["a"]],
    ["not with the same one", set({ uid: "a", askedAt: 1 }), set({ uid: "a", askedAt: 1 }), []],
    ["not when it is taken away", set({ uid: "a", askedAt: 1 }), set({ uid: "a" }), []],
    ["not besides the first probe of a new check", set({ uid: "a", hash: "i" }), set({ uid: "a", askedAt: 1 }), []],
    ["not for a suspended check", set({ uid: "a", suspend: true }), set({ uid: "a", suspend: true, askedAt: 1 }), []],
  ])("asks for a probe now %s", (_what, before, after, expected) => expect(uids(scheduleChanges(before, after).requested)).toEqual(expected));
});
