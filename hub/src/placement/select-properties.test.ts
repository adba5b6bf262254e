import type { ClusterRegistration } from "@sightline/shared/api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { registration } from "../testing/objects.ts";
import type { NamespaceSelector } from "./namespaces.ts";
import type { Placement } from "./placement.ts";
import { chosen, select, type Subject } from "./select.ts";

/** What must hold for any fleet and any placement. */

const arbitraryTaints = fc.subarray([
  { key: "edge", effect: "NoSelect" as const },
  { key: "full", value: "yes", effect: "NoSelectIfNew" as const },
]);
const arbitrarySelector = fc.constantFrom<NamespaceSelector | undefined>(undefined, {}, { matchLabels: { tenant: "a" } }, { matchExpressions: [{ key: "tenant", operator: "DoesNotExist" }] });
const arbitraryCluster: fc.Arbitrary<ClusterRegistration> = fc
  .record({
    name: fc.stringMatching(/^[a-c][1-4]$/),
    accepted: fc.boolean(),
    region: fc.constantFrom(undefined, "r1", "r2", "r3"),
    deleted: fc.boolean(),
    tier: fc.constantFrom("edge", "core"),
    taints: arbitraryTaints,
    namespaceSelector: arbitrarySelector,
  })
  .map(({ name, accepted, region, deleted, tier, taints, namespaceSelector }) =>
    registration(name, {
      spec: { accepted, taints, ...(region === undefined ? {} : { region }), ...(namespaceSelector === undefined ? {} : { namespaceSelector }) },
      metadata: { labels: { tier }, ...(deleted ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}) },
    }),
  );
const arbitraryFleet = fc.uniqueArray(arbitraryCluster, { selector: ({ metadata }) => metadata.name });

/** Fields that belong to one annotation, or are only allowed together. */
const arbitraryTerms: fc.Arbitrary<Placement> = fc.record(
  {
    clusters: fc.record({ include: fc.subarray(["a*", "b1", "?2"]), exclude: fc.subarray(["*3", "c1"]) }),
    regions: fc.subarray(["r1", "r2"], { minLength: 1 }),
    selector: fc.constant([{ key: "tier", operator: "in" as const, values: ["edge"] }]),
    tolerations: fc.subarray([{ key: "edge" }, { key: "full", value: "yes" }, { key: "full", value: "no" }]),
  },
  { requiredKeys: [] },
);
const arbitraryLimit: fc.Arbitrary<Placement> = fc.record({ maxClusters: fc.integer({ min: 1, max: 8 }), spreadBy: fc.constantFrom("region", "tier", "nobody-has-it") }, { requiredKeys: ["maxClusters"] });
/** A cluster that every monitor may run in: where most do not match, a limit limits nothing. */
const arbitraryOpenCluster: fc.Arbitrary<ClusterRegistration> = fc
  .record({ name: fc.stringMatching(/^[a-f][1-4]$/), region: fc.constantFrom("r1", "r1", "r2", "r3", "r4"), tier: fc.constantFrom("edge", "core") })
  .map(({ name, region, tier }) => registration(name, { spec: { accepted: true, region }, metadata: { labels: { tier } } }));
const arbitraryOpenFleet = fc.uniqueArray(arbitraryOpenCluster, { selector: ({ metadata }) => metadata.name, minLength: 4, maxLength: 16 });
const arbitrarySubject: fc.Arbitrary<Subject> = fc.record({
  namespace: fc.constantFrom("shop", "bank"),
  name: fc.stringMatching(/^[a-z]{1,8}$/),
  namespaceLabels: fc.constantFrom(undefined, {}, { tenant: "a" }),
  running: fc.subarray(["a1", "b1", "c1"]).map((names) => new Set(names)),
  author: fc.option(fc.record({ name: fc.constant("jane"), usable: fc.oneof(fc.constant("all" as const), fc.subarray(["a1", "a2", "b1", "c3"]).map((names) => new Set(names))) }), { nil: undefined }),
});

const pick = (placement: Placement, clusters: readonly ClusterRegistration[], subject: Subject): string[] => chosen(select(placement, clusters, subject));

describe("the choice of clusters, for any fleet and placement", () => {
  it("decides once for each cluster, sorted, whatever the order of the fleet", () => {
    fc.assert(
      fc.property(arbitraryFleet, arbitraryTerms, arbitraryLimit, arbitrarySubject, (clusters, terms, limit, subject) => {
        const choices = select({ ...terms, ...limit }, clusters, subject);
        expect(choices.map(({ cluster }) => cluster)).toEqual(clusters.map(({ metadata }) => metadata.name).toSorted());
        expect(select({ ...terms, ...limit }, clusters.toReversed(), subject)).toEqual(choices);
      }),
    );
  });

  it("chooses only open clusters", () => {
    fc.assert(
      fc.property(arbitraryFleet, arbitraryTerms, arbitrarySubject, (clusters, terms, subject) => {
        const open = new Set(clusters.filter(({ metadata, spec }) => spec.accepted === true && metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name));
        expect(pick(terms, clusters, subject).every((name) => open.has(name))).toBe(true);
      }),
    );
  });

  it("chooses with all terms exactly what each term alone would choose", () => {
    fc.assert(
      fc.property(arbitraryFleet, arbitraryTerms, arbitrarySubject, (clusters, placement, subject) => {
        // A toleration widens where the others narrow: it stands beside each of them.
        const { tolerations = [], ...narrowing } = placement;
        const alone = Object.entries(narrowing).map(([field, value]) => new Set(pick({ tolerations, [field]: value }, clusters, subject)));
        const all = pick({ tolerations }, clusters, subject).filter((name) => alone.every((names) => names.has(name)));
        expect(pick(placement, clusters, subject)).toEqual(all);
      }),
    );
  });

  it("tolerates more with more tolerations, and to run there already never harms", () => {
    fc.assert(
      fc.property(arbitraryFleet, arbitraryTerms, arbitrarySubject, (clusters, { tolerations = [], ...narrowing }, subject) => {
        const few = pick(narrowing, clusters, { ...subject, running: new Set() });
        expect(few.filter((name) => !pick({ ...narrowing, tolerations }, clusters, subject).includes(name))).toEqual([]);
      }),
    );
  });
});

describe("at most so many clusters, for any fleet and placement", () => {
  it("are as many as may be, of those that match", () => {
    fc.assert(
      fc.property(arbitraryFleet, arbitraryTerms, arbitraryLimit, arbitrarySubject, (clusters, terms, limit, subject) => {
        const matching = pick(terms, clusters, subject);
        const taken = pick({ ...terms, ...limit }, clusters, subject);
        expect(taken).toHaveLength(Math.min(matching.length, limit.maxClusters ?? 0));
        expect(taken.filter((name) => !matching.includes(name))).toEqual([]);
      }),
    );
  });

  it("differ by at most one from region to region, unless a region has no more", () => {
    fc.assert(
      fc.property(arbitraryOpenFleet, fc.integer({ min: 1, max: 12 }), arbitrarySubject, (clusters, maxClusters, subject) => {
        const regionOf = (name: string): string => clusters.find(({ metadata }) => metadata.name === name)?.spec.region ?? "";
        const matching = Map.groupBy(pick({}, clusters, subject), regionOf);
        const taken = Map.groupBy(pick({ maxClusters, spreadBy: "region" }, clusters, subject), regionOf);
        const most = Math.max(0, ...[...taken.values()].map(({ length }) => length));
        for (const [region, { length }] of matching) expect(taken.get(region)?.length ?? 0).toBeGreaterThanOrEqual(Math.min(length, most - 1));
      }),
    );
  });

  it("move as little as possible: a cluster more takes one place at most, for itself; a cluster less gives its own away", () => {
    fc.assert(
      fc.property(arbitraryOpenFleet, fc.oneof(arbitraryOpenCluster, arbitraryCluster), arbitraryLimit, arbitrarySubject, (fleet, added, placement, subject) => {
        const name = added.metadata.name;
        const without = fleet.filter(({ metadata }) => metadata.name !== name);
        const before = new Set(pick(placement, without, subject));
        const after = new Set(pick(placement, [...without, added], subject));
        const came = [...after.difference(before)];
        expect(came).toEqual(after.has(name) ? [name] : []);
        expect(before.difference(after).size).toBeLessThanOrEqual(came.length);
      }),
      { numRuns: 500 },
    );
  });

  it("stay as they are when decided again with what they chose running", () => {
    fc.assert(
      fc.property(arbitraryFleet, arbitraryTerms, arbitraryLimit, arbitrarySubject, (clusters, terms, limit, subject) => {
        const first = pick({ ...terms, ...limit }, clusters, subject);
        expect(pick({ ...terms, ...limit }, clusters, { ...subject, running: new Set(first) })).toEqual(first);
      }),
    );
  });
});

describe("the places of many monitors", () => {
  it("are even over the regions too, when each takes only one", () => {
    const clusters = Array.from({ length: 20 }, (_, number) => registration(`cluster-${number}`, { spec: { accepted: true, region: `r${number % 4}` } }));
    const counts = new Map<string, number>();
    for (let number = 0; number < 4000; number += 1) {
      const subject: Subject = { namespace: "shop", name: `monitor-${number}`, namespaceLabels: {}, running: new Set() };
      const [name = ""] = pick({ maxClusters: 1, spreadBy: "region" }, clusters, subject);
      const region = clusters.find(({ metadata }) => metadata.name === name)?.spec.region ?? "";
      counts.set(region, (counts.get(region) ?? 0) + 1);
    }
    expect([...counts.values()].filter((count) => Math.abs(count - 1000) > 100)).toEqual([]);
    expect(counts.size).toBe(4);
  });

  it("are even: no cluster gets a tenth more than its share", () => {
    const clusters = Array.from({ length: 20 }, (_, number) => registration(`cluster-${number}`));
    const counts = new Map(clusters.map(({ metadata }) => [metadata.name, 0]));
    for (let number = 0; number < 10_000; number += 1) {
      const subject: Subject = { namespace: "shop", name: `monitor-${number}`, namespaceLabels: {}, running: new Set() };
      for (const name of pick({ maxClusters: 3 }, clusters, subject)) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    const share = (10_000 * 3) / 20;
    expect([...counts].filter(([, count]) => Math.abs(count - share) > share / 10)).toEqual([]);
  });
});
