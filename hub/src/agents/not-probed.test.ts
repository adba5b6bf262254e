import { describe, expect, it } from "vitest";
import { NotProbedChecks } from "./not-probed.ts";

describe("checks that an agent reports as not probed", () => {
  it("are known by its last heartbeat, and only what is new is told", () => {
    const checks = new NotProbedChecks();
    expect(checks.take("eu-1", { overloaded: ["a", "b"], unreadable: ["c"], more: 0 })).toEqual(["a", "b", "c"]);
    expect(checks.take("eu-1", { overloaded: ["a", "b"], unreadable: ["c"], more: 0 })).toEqual([]);
    expect([checks.reason("eu-1", "a"), checks.reason("eu-1", "c"), checks.reason("eu-1", "d"), checks.reason("us-1", "a")]).toEqual(["overloaded", "unreadable", undefined, undefined]);
    expect(checks.take("eu-1", { overloaded: ["b"], unreadable: ["a"], more: 7 }).toSorted()).toEqual(["a", "c"]);
    expect(checks.count("eu-1")).toBe(9);
    expect(checks.take("eu-1", undefined).toSorted()).toEqual(["a", "b"]);
    expect([checks.count("eu-1"), checks.reason("eu-1", "b")]).toEqual([0, undefined]);
  });

  it("are none of an older agent, nor of a cluster that is gone", () => {
    const checks = new NotProbedChecks();
    expect(checks.take("eu-1", undefined)).toEqual([]);
    checks.take("eu-1", { overloaded: ["a"], unreadable: [], more: 0 });
    checks.forget("eu-1");
    expect(checks.reason("eu-1", "a")).toBeUndefined();
  });
});
