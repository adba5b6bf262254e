import type { ClusterRegistration } from "@sightline/shared/api";
import { describe, expect, it } from "vitest";
import { registration } from "../testing/objects.ts";
import type { Placement } from "./placement.ts";
import { type Choice, chosen, noClusterReason, select, type Subject } from "./select.ts";

const fleet = [
  registration("us-1", { spec: { accepted: true, region: "us-east-1", environment: "production" }, metadata: { labels: { tier: "edge" } } }),
  registration("eu-1", { spec: { accepted: true, region: "eu-west-1", environment: "production" }, metadata: { labels: { tier: "edge" } } }),
  registration("eu-2", { spec: { accepted: true, region: "eu-west-1", environment: "staging" } }),
  registration("us-canary", { spec: { accepted: true, region: "us-east-1" } }),
  registration("new-1", { spec: { accepted: false, region: "eu-west-1" } }),
  registration("old-1", { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } }),
];

function subject(change: Partial<Subject> = {}): Subject {
  return { namespace: "shop", name: "front", namespaceLabels: {}, running: new Set(), ...change };
}

function pick(placement: Placement, clusters: readonly ClusterRegistration[] = fleet, change: Partial<Subject> = {}): string[] {
  return chosen(select(placement, clusters, subject(change)));
}

/** `cluster: chosen`, or why not. */
function told(choices: readonly Choice[]): string[] {
  return choices.map((choice) => `${choice.cluster}: ${choice.chosen ? "chosen" : choice.reason}, ${choice.message}`);
}

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
    ["everything when more are allowed than match", { maxClusters: 9, spreadBy: "region" }, ["eu-1", "eu-2", "us-1", "us-canary"]],
    ["of what matches only, when fewer are allowed", { maxClusters: 1, environments: ["staging"] }, ["eu-2"]],
  ])("takes %s", (_name, placement, expected) => expect(pick(placement)).toEqual(expected));

  it("says of each other cluster why it was left out", () => {
    const placement: Placement = { regions: ["us-east-1"], environments: ["production"], clusters: { include: ["*"], exclude: ["*-canary"] } };
    expect(told(select(placement, fleet, subject()))).toEqual([
      "eu-1: RegionDiffers, its region eu-west-1 is not among us-east-1",
      "eu-2: RegionDiffers, its region eu-west-1 is not among us-east-1",
      "new-1: NotAccepted, its registration is not accepted (spec.accepted is not true)",
      "old-1: BeingDeleted, its registration is being deleted",
      "us-1: chosen, it meets every term",
      "us-canary: NameExcluded, its name is excluded by !*-canary",
    ]);
    const selector: Placement = { selector: [{ key: "tier", operator: "exists" }, { key: "gpu", operator: "exists" }] };
    expect(select(selector, fleet, subject())[0]).toMatchObject({ reason: "LabelsDiffer", message: "its labels do not match gpu" });
    expect(select({ environments: ["production"] }, fleet, subject())[5]).toMatchObject({ message: "its environment (none) is not among production" });
    expect(select({ clusters: { include: ["a", "b-*"], exclude: [] } }, fleet, subject())[0]).toMatchObject({ reason: "NameNotAsked", message: "its name matches none of a, b-*" });
    expect(select({}, fleet, subject())[0]).toMatchObject({ message: "nothing keeps the monitor out" });
  });

  it("sums up why nothing was chosen", () => {
    expect(noClusterReason(select({}, [], subject()))).toBe("no cluster is registered");
    expect(noClusterReason(select({}, [registration("a", { spec: { accepted: false } })], subject()))).toBe("none of 1 registered cluster matches (1 not accepted)");
    expect(noClusterReason(select({ regions: ["mars"] }, fleet, subject()))).toBe("none of 6 registered clusters matches (4 in another region, 1 not accepted, 1 being deleted)");
  });
});

describe("taints", () => {
  type Effect = "NoSelect" | "NoSelectIfNew";
  const tainted = (effect: Effect, value?: string): ClusterRegistration[] => [
    registration("a", { spec: { accepted: true, taints: [{ key: "maintenance", effect, ...(value === undefined ? {} : { value }) }] } }),
  ];

  it.each<[string, ClusterRegistration[], Placement & { running?: string[] }, boolean]>([
    ["NoSelect keeps a new monitor out", tainted("NoSelect"), {}, false],
    ["NoSelect withdraws one that runs", tainted("NoSelect"), { running: ["a"] }, false],
    ["NoSelectIfNew keeps a new monitor out", tainted("NoSelectIfNew"), {}, false],
    ["NoSelectIfNew leaves one that runs", tainted("NoSelectIfNew"), { running: ["a"] }, true],
    ["a tolerated NoSelect lets in", tainted("NoSelect"), { tolerations: [{ key: "maintenance" }] }, true],
    ["a tolerated NoSelectIfNew lets in", tainted("NoSelectIfNew"), { tolerations: [{ key: "maintenance" }] }, true],
    ["a key alone tolerates any value", tainted("NoSelect", "disk"), { tolerations: [{ key: "maintenance" }] }, true],
    ["the same value is tolerated", tainted("NoSelect", "disk"), { tolerations: [{ key: "maintenance", value: "disk" }] }, true],
    ["another value is not", tainted("NoSelect", "disk"), { tolerations: [{ key: "maintenance", value: "net" }] }, false],
    ["no value is not any value", tainted("NoSelect"), { tolerations: [{ key: "maintenance", value: "disk" }] }, false],
    ["another key is not", tainted("NoSelect"), { tolerations: [{ key: "edge" }] }, false],
  ])("%s", (_name, clusters, { running = [], ...placement }, expected) => expect(pick(placement, clusters, { running: new Set(running) })).toEqual(expected ? ["a"] : []));

  it("must all be tolerated, and the first that is not is named", () => {
    const cluster = registration("a", { spec: { accepted: true, taints: [{ key: "edge", effect: "NoSelect" }, { key: "tier", value: "gold", effect: "NoSelectIfNew" }] } });
    expect(told(select({}, [cluster], subject()))).toEqual(["a: Tainted, its taint edge:NoSelect is not tolerated"]);
    expect(told(select({ tolerations: [{ key: "edge" }] }, [cluster], subject()))).toEqual([
      "a: TaintedForNew, its taint tier=gold:NoSelectIfNew, which keeps out what does not run there yet, is not tolerated",
    ]);
  });
});

describe("namespaces", () => {
  type Selector = ClusterRegistration["spec"]["namespaceSelector"];
  const cluster = (namespaceSelector: Selector): ClusterRegistration[] => [registration("a", { spec: { accepted: true, ...(namespaceSelector === undefined ? {} : { namespaceSelector }) } })];

  it.each<[string, Selector, Record<string, string> | undefined, boolean]>([
    ["everybody without a selector", undefined, undefined, true],
    ["everybody with an empty selector", {}, undefined, true],
    ["a namespace with the label", { matchLabels: { tenant: "a" } }, { tenant: "a" }, true],
    ["not one with another value", { matchLabels: { tenant: "a" } }, { tenant: "b" }, false],
    ["not one without the label", { matchLabels: { tenant: "a" } }, {}, false],
    ["one of several values", { matchExpressions: [{ key: "tenant", operator: "In", values: ["a", "b"] }] }, { tenant: "b" }, true],
    ["not one of several values", { matchExpressions: [{ key: "tenant", operator: "NotIn", values: ["a", "b"] }] }, { tenant: "b" }, false],
    ["one that has the label", { matchExpressions: [{ key: "tenant", operator: "Exists" }] }, { tenant: "" }, true],
    ["one that lacks the label", { matchExpressions: [{ key: "tenant", operator: "DoesNotExist" }] }, {}, true],
    ["only where labels and expressions both hold", { matchLabels: { tenant: "a" }, matchExpressions: [{ key: "banned", operator: "DoesNotExist" }] }, { tenant: "a", banned: "yes" }, false],
    ["no unknown namespace, even where a label must be absent", { matchExpressions: [{ key: "banned", operator: "DoesNotExist" }] }, undefined, false],
  ])("let in %s", (_name, selector, namespaceLabels, expected) => expect(pick({}, cluster(selector), { namespaceLabels })).toEqual(expected ? ["a"] : []));

  it("that are not let in are told what they lack", () => {
    const selector: Selector = { matchLabels: { tenant: "a", tier: "gold" } };
    expect(told(select({}, cluster(selector), subject({ namespaceLabels: { tier: "gold" } })))).toEqual([
      "a: NamespaceNotAllowed, it does not let in the namespace shop, whose labels do not match tenant in (a)",
    ]);
    expect(told(select({}, cluster(selector), subject({ namespaceLabels: undefined })))).toEqual(["a: NamespaceNotAllowed, it lets in only some namespaces, and the labels of shop are not known"]);
  });
});

const jane = (...usable: string[]): Partial<Subject> => ({ author: { name: "jane", usable: new Set(usable) } });

describe("the author's rights", () => {
  it("leave out what the author may not use, after all that the monitor itself asks", () => {
    expect(pick({}, fleet, { author: { name: "jane", usable: "all" } })).toEqual(pick({}));
    expect(told(select({ regions: ["eu-west-1"] }, fleet.slice(0, 3), subject(jane("eu-1"))))).toEqual([
      "eu-1: chosen, it meets every term",
      "eu-2: NotAuthorized, jane, who asked for the monitor, may not use it (verb use on clusterregistrations.monitoring.example.com)",
      "us-1: RegionDiffers, its region us-east-1 is not among eu-west-1",
    ]);
  });

  it("come before max-clusters, which takes so many of those that may be used", () => {
    for (const cluster of pick({})) expect(pick({ maxClusters: 1 }, fleet, jane(cluster))).toEqual([cluster]);
  });
});

describe("max-clusters", () => {
  const many = ["r1", "r2", "r3"].flatMap((region) => [1, 2, 3].map((number) => registration(`${region}-${number}`, { spec: { accepted: true, region }, metadata: { labels: { zone: `z${number}` } } })));

  it.each<[string, Placement, (names: string[]) => unknown, unknown]>([
    ["so many", { maxClusters: 4 }, (names) => names.length, 4],
    ["one in each region", { maxClusters: 3, spreadBy: "region" }, (names) => names.map((name) => name.slice(0, 2)), ["r1", "r2", "r3"]],
    ["two in each region", { maxClusters: 6, spreadBy: "region" }, (names) => names.map((name) => name.slice(0, 2)), ["r1", "r1", "r2", "r2", "r3", "r3"]],
    ["one in each zone, by label", { maxClusters: 3, spreadBy: "zone" }, (names) => names.map((name) => name.slice(3)).toSorted(), ["1", "2", "3"]],
    ["so many though nobody has the label", { maxClusters: 2, spreadBy: "constructor" }, (names) => names.length, 2],
  ])("takes %s", (_name, placement, of, expected) => expect(of(pick(placement, many))).toEqual(expected));

  it("is another choice for another monitor, and the same for one that is made again", () => {
    const choices = Array.from({ length: 30 }, (_, number) => pick({ maxClusters: 1 }, many, { name: `m-${number}` }).join());
    expect(new Set(choices).size).toBeGreaterThan(5);
    expect(pick({ maxClusters: 1 }, many, { name: "m-7" }).join()).toBe(choices[7]);
  });

  it("says of those left out that others come first", () => {
    const choices = select({ maxClusters: 1, spreadBy: "region" }, many.slice(0, 2), subject());
    expect(choices.find((choice) => !choice.chosen)).toMatchObject({ reason: "OverMaximum", message: "it matches, but only 1 of 2 matching clusters are taken (spread by region), and others come first" });
    expect(choices.find((choice) => choice.chosen)?.message).toBe("nothing keeps the monitor out, and it is one of the 1 of 2 that are taken (spread by region)");
  });
});
