import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatSelector, matchesSelector, parseSelector, type Requirement } from "./label-selector.ts";

const labels = { tier: "edge", env: "prod", "example.com/zone": "a", empty: "" };

describe("a label selector", () => {
  // The cases of apimachinery's selector_test.go, so that kubectl and we agree.
  it.each([
    ["", true],
    ["tier=edge", true],
    ["tier==edge", true],
    ["tier!=edge", false],
    ["tier!=core", true],
    ["absent!=core", true],
    ["tier", true],
    ["absent", false],
    ["!tier", false],
    ["!absent", true],
    ["! absent", true],
    ["env in (prod,staging)", true],
    ["env in (staging)", false],
    ["absent in (staging)", false],
    ["env notin (staging)", true],
    ["env notin (prod)", false],
    ["absent notin (prod)", true],
    ["tier=edge,env in (prod,staging),!absent", true],
    ["tier=edge,env=staging", false],
    [" tier = edge , env in( prod ) ", true],
    ["example.com/zone=a", true],
    ["empty=", true],
    ["empty in ()", true],
    ["empty in (,x)", true],
    ["tier=", false],
    ["tier=,env", false],
    ["in in (a)", false],
    ["notin", false],
    ["!in,tier", true],
  ])("%j: %s", (text, expected) => expect(matchesSelector(parseSelector(text), labels)).toBe(expected));

  it.each([
    ["tier=edge,", "it ends at position 11 where a label key must stand"],
    [",tier", 'found "," at position 1 where a label key must stand'],
    ["=edge", 'found "=" at position 1 where a label key must stand'],
    ["tier edge", 'found "edge" at position 6 where =, ==, !=, in, notin, a comma or the end must stand'],
    ["tier>5", 'found ">" at position 5 where =, ==, !=, in, notin, a comma or the end must stand'],
    ["tier=edge env", 'found "env" at position 11 where a comma or the end must stand'],
    ["env in prod", 'found "prod" at position 8 where ( must stand'],
    ["env in (prod", "it ends at position 13 where a comma or ) must stand"],
    ["env in (prod staging)", 'found "staging" at position 14 where a comma or ) must stand'],
    ["!tier=edge", 'found "=" at position 6 where a comma or the end must stand'],
    ["a/b/c=d", '"a/b/c" is not a label key, such as tier or example.com/tier'],
    ["-tier", '"-tier" is not a label key, such as tier or example.com/tier'],
    ["/tier", '"/tier" is not a label key, such as tier or example.com/tier'],
    ["tier=a/b", '"a/b" is not a label value: at most 63 letters, digits, "-", "_" and "."'],
    [`tier=${"x".repeat(64)}`, `"${"x".repeat(64)}" is not a label value: at most 63 letters, digits, "-", "_" and "."`],
  ])("refuses %j", (text, message) => expect(() => parseSelector(text)).toThrow(message));

  it("does not take inherited properties for labels", () => {
    expect(matchesSelector(parseSelector("constructor"), labels)).toBe(false);
    expect(matchesSelector(parseSelector("!toString"), labels)).toBe(true);
  });
});

const key = fc.stringMatching(/^([a-z][a-z0-9]{0,5}\.[a-z]{2}\/)?[A-Za-z0-9]([-_.A-Za-z0-9]{0,8}[A-Za-z0-9])?$/);
const value = fc.stringMatching(/^([A-Za-z0-9]([-_.A-Za-z0-9]{0,8}[A-Za-z0-9])?)?$/);
const requirement: fc.Arbitrary<Requirement> = fc.oneof(
  fc.record({ key, operator: fc.constant("exists" as const) }),
  fc.record({ key, operator: fc.constant("absent" as const) }),
  fc.record({ key, operator: fc.constantFrom("in" as const, "notin" as const), values: fc.uniqueArray(value, { minLength: 1, maxLength: 4 }).map((values) => values.toSorted()) }),
);

describe("a label selector of any form", () => {
  it("is read back from its own text", () => {
    fc.assert(
      fc.property(fc.array(requirement), (requirements) => {
        expect(parseSelector(formatSelector(requirements))).toEqual(requirements);
      }),
    );
  });

  it("holds exactly where every one of its requirements holds, and never where a requirement's opposite does", () => {
    fc.assert(
      fc.property(fc.array(requirement), fc.dictionary(key, value), (requirements, found) => {
        expect(matchesSelector(requirements, found)).toBe(requirements.every((one) => matchesSelector([one], found)));
        for (const one of requirements) expect(matchesSelector([opposite(one)], found)).toBe(!matchesSelector([one], found));
      }),
    );
  });

  it("is either read or refused with a sentence, whatever the text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z=!(), in]{0,20}$/)), (text) => {
        try {
          parseSelector(text);
        } catch (error) {
          expect(error).toHaveProperty("name", "SelectorError");
        }
      }),
    );
  });
});

function opposite(one: Requirement): Requirement {
  if (one.operator === "exists") return { key: one.key, operator: "absent" };
  if (one.operator === "absent") return { key: one.key, operator: "exists" };
  return { ...one, operator: one.operator === "in" ? "notin" : "in" };
}
