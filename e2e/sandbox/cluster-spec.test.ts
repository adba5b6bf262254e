import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { ClusterSpec } from "./cluster-spec.ts";
import { parseClusterSpecs } from "./cluster-spec.ts";

describe("parseClusterSpecs", () => {
  it("reads names with and without region and environment", () => {
    expect(parseClusterSpecs("eu-1:eu-west-1:production, us-1,ap-1::staging")).toEqual([
      { name: "eu-1", region: "eu-west-1", environment: "production" },
      { name: "us-1" },
      { name: "ap-1", environment: "staging" },
    ]);
  });

  it.each([
    ["", 'cluster name "" is not an RFC 1123 label'],
    ["EU", 'cluster name "EU" is not an RFC 1123 label'],
    ["eu.1", 'cluster name "eu.1" is not an RFC 1123 label'],
    ["a:b:c:d", 'cluster "a:b:c:d" has more than name:region:environment'],
    ["a:-b", '"-b" of cluster a cannot be a label\'s value'],
    ["a,b,a", "cluster a is named twice"],
  ])("refuses %j", (text, reason) => expect(() => parseClusterSpecs(text)).toThrow(reason));

  it("reads back whatever it could have been written from", () => {
    const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/);
    const spec = fc.record({ name: label, region: label, environment: label }, { requiredKeys: ["name", "region"] });
    fc.assert(
      fc.property(fc.uniqueArray(spec, { minLength: 1, selector: ({ name }) => name }), (specs: ClusterSpec[]) => {
        const text = specs.map(({ name, region, environment }) => [name, region, environment].filter((part) => part !== undefined).join(":")).join(",");
        expect(parseClusterSpecs(text)).toEqual(specs);
      }),
    );
  });
});
