import { PLACEMENT_ANNOTATIONS as ANNOTATIONS } from "@sightline/shared/api";
import { describe, expect, it } from "vitest";
import { parsePlacement, placementHash } from "./placement.ts";

describe("placement annotations", () => {
  it("are read, each into its term", () => {
    const annotations = {
      [ANNOTATIONS.clusters]: "eu-1, us-*,!us-canary",
      [ANNOTATIONS.clusterSelector]: "tier=edge",
      [ANNOTATIONS.regions]: "eu-west-1,us-east-1",
      [ANNOTATIONS.environments]: "production",
      [ANNOTATIONS.tolerations]: "maintenance, edge=true,empty=",
      [ANNOTATIONS.maxClusters]: "3",
      [ANNOTATIONS.spreadBy]: "example.com/zone",
    };
    expect(parsePlacement(annotations)).toEqual({
      valid: true,
      placement: {
        clusters: { include: ["eu-1", "us-*"], exclude: ["us-canary"] },
        selector: [{ key: "tier", operator: "in", values: ["edge"] }],
        regions: ["eu-west-1", "us-east-1"],
        environments: ["production"],
        tolerations: [{ key: "maintenance" }, { key: "edge", value: "true" }, { key: "empty", value: "" }],
        maxClusters: 3,
        spreadBy: "example.com/zone",
      },
    });
  });

  it("place everywhere when there are none, and others are left alone", () => {
    expect(parsePlacement(undefined)).toEqual({ valid: true, placement: {} });
    expect(parsePlacement({ "monitoring.example.com/unheard-of": "???", other: "x" })).toEqual({ valid: true, placement: {} });
  });

  it.each([
    [ANNOTATIONS.clusters, "", "it is empty: give names such as eu-1,us-*,!us-canary, or remove the annotation"],
    [ANNOTATIONS.clusters, "eu-1,,us-1", "its item 2 is empty: give names separated by single commas, such as eu-1,us-*,!us-canary"],
    [ANNOTATIONS.clusters, "EU-1", '"EU-1" is not a cluster name or glob: lower-case letters, digits, "-", "*" and "?", such as eu-1, us-* or !us-canary'],
    [ANNOTATIONS.clusters, "!", '"!" is not a cluster name or glob: lower-case letters, digits, "-", "*" and "?", such as eu-1, us-* or !us-canary'],
    [ANNOTATIONS.clusterSelector, "tier in edge", 'found "edge" at position 9 where ( must stand'],
    [ANNOTATIONS.regions, "eu west", '"eu west" is not a name: at most 63 letters, digits, "-", "_" and ".", such as eu-west-1,us-east-1'],
    [ANNOTATIONS.environments, " ", "it is empty: give names such as production,staging, or remove the annotation"],
    [ANNOTATIONS.tolerations, "", "it is empty: give names such as maintenance,edge=true, or remove the annotation"],
    [ANNOTATIONS.tolerations, "edge,,", "its item 2 is empty: give names separated by single commas, such as maintenance,edge=true"],
    [ANNOTATIONS.tolerations, "a=b=c", '"a=b=c" is not a toleration: give the key of a taint, or key=value, such as maintenance,edge=true'],
    [ANNOTATIONS.tolerations, "=true", '"=true" is not a toleration: give the key of a taint, or key=value, such as maintenance,edge=true'],
    [ANNOTATIONS.tolerations, "edge=not a value", '"edge=not a value" is not a toleration: give the key of a taint, or key=value, such as maintenance,edge=true'],
    [ANNOTATIONS.maxClusters, "", '"" is not a whole number from 1, such as 3'],
    [ANNOTATIONS.maxClusters, "0", '"0" is not a whole number from 1, such as 3'],
    [ANNOTATIONS.maxClusters, "-1", '"-1" is not a whole number from 1, such as 3'],
    [ANNOTATIONS.maxClusters, "2.5", '"2.5" is not a whole number from 1, such as 3'],
    [ANNOTATIONS.maxClusters, "0x10", '"0x10" is not a whole number from 1, such as 3'],
    [ANNOTATIONS.maxClusters, "many", '"many" is not a whole number from 1, such as 3'],
    [ANNOTATIONS.spreadBy, "region", "it spreads the clusters that monitoring.example.com/max-clusters leaves: give that annotation too, or remove this one"],
    [ANNOTATIONS.spreadBy, "a b", '"a b" is neither region, environment nor the key of a label, such as example.com/zone'],
  ])("%s: %j is refused with what is wrong and what would be right", (annotation, text, problem) => {
    expect(parsePlacement({ [annotation]: text })).toMatchObject({ valid: false, problem: `annotation ${annotation} is invalid: ${problem}` });
  });

  it.each([
    ["edge=true", [{ key: "edge", value: "true" }]],
    [undefined, []],
    ["=", [{}]],
  ])("that cannot be read still say what is tolerated where they can: %j", (tolerations, expected) => {
    const annotations = { [ANNOTATIONS.maxClusters]: "many", ...(tolerations === undefined ? {} : { [ANNOTATIONS.tolerations]: tolerations }) };
    expect(parsePlacement(annotations)).toMatchObject({ valid: false, tolerations: expected });
  });
});

describe("the placement hash", () => {
  it("changes with each placing annotation, and with no other", () => {
    const base = placementHash({});
    for (const annotation of Object.values(ANNOTATIONS)) expect(placementHash({ [annotation]: "a" })).not.toBe(base);
    expect(placementHash({ other: "a", "monitoring.example.com/probe-requested-at": "now" })).toBe(base);
    expect(placementHash(undefined)).toBe(base);
  });

  it("tells an empty annotation from none, and one annotation from another", () => {
    expect(placementHash({ [ANNOTATIONS.clusters]: "" })).not.toBe(placementHash({}));
    expect(placementHash({ [ANNOTATIONS.clusters]: "a" })).not.toBe(placementHash({ [ANNOTATIONS.regions]: "a" }));
  });
});
