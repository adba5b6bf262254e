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
    };
    expect(parsePlacement(annotations)).toEqual({
      valid: true,
      placement: {
        clusters: { include: ["eu-1", "us-*"], exclude: ["us-canary"] },
        selector: [{ key: "tier", operator: "in", values: ["edge"] }],
        regions: ["eu-west-1", "us-east-1"],
        environments: ["production"],
      },
    });
  });

  it("place everywhere when there are none, and others are left alone", () => {
    expect(parsePlacement(undefined)).toEqual({ valid: true, placement: {} });
    expect(parsePlacement({ "monitoring.example.com/spread-by": "???", other: "x" })).toEqual({ valid: true, placement: {} });
  });

  it.each([
    [ANNOTATIONS.clusters, "", "it is empty: give names such as eu-1,us-*,!us-canary, or remove the annotation"],
    [ANNOTATIONS.clusters, "eu-1,,us-1", "its item 2 is empty: give names separated by single commas, such as eu-1,us-*,!us-canary"],
    [ANNOTATIONS.clusters, "EU-1", '"EU-1" is not a cluster name or glob: lower-case letters, digits, "-", "*" and "?", such as eu-1, us-* or !us-canary'],
    [ANNOTATIONS.clusters, "!", '"!" is not a cluster name or glob: lower-case letters, digits, "-", "*" and "?", such as eu-1, us-* or !us-canary'],
    [ANNOTATIONS.clusterSelector, "tier in edge", 'found "edge" at position 9 where ( must stand'],
    [ANNOTATIONS.regions, "eu west", '"eu west" is not a name: at most 63 letters, digits, "-", "_" and ".", such as eu-west-1,us-east-1'],
    [ANNOTATIONS.environments, " ", "it is empty: give names such as production,staging, or remove the annotation"],
  ])("%s: %j is refused with what is wrong and what would be right", (annotation, text, problem) => {
    expect(parsePlacement({ [annotation]: text })).toEqual({ valid: false, problem: `annotation ${annotation} is invalid: ${problem}` });
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
