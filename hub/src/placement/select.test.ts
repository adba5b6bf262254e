import type { ClusterRegistration } from "@sightline/shared/api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { registration } from "../testing/objects.ts";
import type { Placement } from "./placement.ts";
import { chosen, noClusterReason, select } from "./select.ts";

const fleet = [
  registration("us-1", { spec: { accepted: true, region: "us-east-1", environment: "production" }, metadata: { labels: { tier: "edge" } } }),
  registration("eu-1", { spec: { accepted: true, region: "eu-west-1", environment: "production" }, metadata: { labels: { tier: "edge" } } }),
  registration("eu-2", { spec: { accepted: true, region: "eu-west-1", environment: "staging" } }),
  registration("us-canary", { spec: { accepted: true, region: "us-east-1" } }),
  registration("new-1", { spec: { accepted: false, region: "eu-west-1" } }),
  registration("old-1", { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } }),
];

describe("the choice of clusters", () => {
  it.each<[string, Placement, string[]]>([
    ["every open cluster, in order, without any term", {}, ["eu-1", "eu-2", "us-1", "us-canary"]],
    ["names and globs", { clusters: { include: ["eu-1", "us-*"], exclude: [] } }, ["eu-1", "us-1", "us-canary"]],
    ["all but the excluded", { clusters: { include: [], exclude: ["us-*"] } }, ["eu-1", "eu-2"]],
    ["no name that is excluded, even if it is asked for", { clusters: { include: ["us-*"], exclude: ["us-canary"] } }, ["us-1"]],
    ["labels", { selector: [{ key: "tier", operator: "in", values: ["edge"] }] }, ["eu-1", "us-1"]],
    ["regions", { regions: ["eu-west-1"] }, ["eu-1", "eu-2"]],
    ["environments", { environments: ["staging", "test"] }, ["eu-2"]],
    ["what every term allows", { regions: ["eu-west-1"], environments: ["production"], clusters: { include: ["eu-*"], exclude: [] } }, ["eu-1"]],
    ["nothing that is not accepted or being deleted, even by name", { clusters: { include: ["new-1", "old-1"], exclude: [] } }, []],
  ])("takes %s", (_name, placement, expected) => expect(chosen(select(placement, fleet, "shop"))).toEqual(expected));

  it("says of each other cluster why it was left out", () => {
    const placement: Placement = { regions: ["us-east-1"], environments: ["production"], clusters: { include: ["*"], exclude: ["*-canary"] } };
    expect(select(placement, fleet, "shop").map((choice) => [choice.cluster, choice.chosen ? "chosen" : choice.message])).toEqual([
      ["eu-1", "its region eu-west-1 is not among us-east-1"],
      ["eu-2", "its region eu-west-1 is not among us-east-1"],
      ["new-1", "its registration is not accepted (spec.accepted is not true)"],
      ["old-1", "its registration is being deleted"],
      ["us-1", "chosen"],
      ["us-canary", "its name is excluded by !*-canary"],
    ]);
    const selector: Placement = { selector: [{ key: "tier", operator: "exists" }, { key: "gpu", operator: "exists" }] };
    expect(select(selector, fleet, "shop")[0]).toMatchObject({ reason: "LabelsDiffer", message: "its labels do not match gpu" });
    expect(select({ environments: ["production"] }, fleet, "shop")[5]).toMatchObject({ message: "its environment (none) is not among production" });
  });

  it("sums up why nothing was chosen", () => {
    expect(noClusterReason(select({}, [], "shop"))).toBe("no cluster is registered");
    expect(noClusterReason(select({}, [registration("a", { spec: { accepted: false } })], "shop"))).toBe("none of 1 registered cluster matches (1 not accepted)");
    expect(noClusterReason(select({ regions: ["mars"] }, fleet, "shop"))).toBe("none of 6 registered clusters matches (4 in another region, 1 not accepted, 1 being deleted)");
  });
});

const arbitraryCluster: fc.Arbitrary<ClusterRegistration> = fc
  .record({ name: fc.stringMatching(/^[a-c][1-3]$/), accepted: fc.boolean(), region: fc.constantFrom("r1", "r2"), deleted: fc.boolean(), tier: fc.constantFrom("edge", "core") })
  .map(({ name, accepted, region, deleted, tier }) =>
    registration(name, { spec: { accepted, region }, metadata: { labels: { tier }, ...(deleted ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}) } }),
  );
const arbitraryFleet = fc.uniqueArray(arbitraryCluster, { selector: ({ metadata }) => metadata.name });
const arbitraryPlacement: fc.Arbitrary<Placement> = fc.record(
  {
    clusters: fc.record({ include: fc.subarray(["a*", "b1", "?2"]), exclude: fc.subarray(["*3", "c1"]) }),
    regions: fc.subarray(["r1", "r2"], { minLength: 1 }),
    selector: fc.constant([{ key: "tier", operator: "in" as const, values: ["edge"] }]),
  },
  { requiredKeys: [] },
);

describe("the choice of clusters, for any fleet and placement", () => {
  it("decides once for each cluster, sorted, whatever the order of the fleet, and only open ones are chosen", () => {
    fc.assert(
      fc.property(arbitraryFleet, arbitraryPlacement, (clusters, placement) => {
        const choices = select(placement, clusters, "shop");
        expect(choices.map(({ cluster }) => cluster)).toEqual(clusters.map(({ metadata }) => metadata.name).toSorted());
        expect(select(placement, clusters.toReversed(), "shop")).toEqual(choices);
        const open = new Set(clusters.filter(({ metadata, spec }) => spec.accepted === true && metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name));
        expect(chosen(choices).every((name) => open.has(name))).toBe(true);
      }),
    );
  });

  it("chooses with all terms exactly what each term alone would choose", () => {
    fc.assert(
      fc.property(arbitraryFleet, arbitraryPlacement, (clusters, placement) => {
        const terms: Placement[] = [];
        if (placement.clusters !== undefined) terms.push({ clusters: placement.clusters });
        if (placement.regions !== undefined) terms.push({ regions: placement.regions });
        if (placement.selector !== undefined) terms.push({ selector: placement.selector });
        const alone = terms.map((term) => new Set(chosen(select(term, clusters, "shop"))));
        const all = chosen(select({}, clusters, "shop")).filter((name) => alone.every((names) => names.has(name)));
        expect(chosen(select(placement, clusters, "shop"))).toEqual(all);
      }),
    );
  });
});
