import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isGlob, matchesGlob } from "./globs.ts";

describe("globs over cluster names", () => {
  it.each([
    ["eu-1", "eu-1", true],
    ["eu-1", "eu-10", false],
    ["eu-*", "eu-1", true],
    ["eu-*", "eu-", true],
    ["eu-*", "us-1", false],
    ["*", "anything", true],
    ["*-canary", "us-canary", true],
    ["*-canary", "us-canary-2", false],
    ["e?-1", "eu-1", true],
    ["e?-1", "e-1", false],
    ["*a*b*c", "xxaxxbxxc", true],
    ["*a*b*c", "xxaxxcxxb", false],
    ["**", "x", true],
    ["?", "", false],
  ])("%s on %s: %s", (glob, name, expected) => expect(matchesGlob(glob, name)).toBe(expected));

  it.each(["", "EU-1", "eu.1", "-eu", "eu-", "eu 1", "eu-{1,2}", "[a]", "x".repeat(64)])("refuse %j", (text) => expect(isGlob(text)).toBe(false));

  it("agree with the regular expression that says the same", () => {
    const glob = fc.stringMatching(/^[ab*?-]{0,8}$/);
    fc.assert(
      fc.property(glob, fc.stringMatching(/^[ab-]{0,10}$/), (pattern, name) => {
        const expression = new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`);
        expect(matchesGlob(pattern, name)).toBe(expression.test(name));
      }),
      { numRuns: 2000 },
    );
  });

  it("do not explode on hostile patterns", () => {
    expect(matchesGlob(`${"*a".repeat(30)}b`, "a".repeat(63))).toBe(false);
  });
});
