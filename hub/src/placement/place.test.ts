import { type ClusterRegistration, type Namespace, PLACEMENT_ANNOTATIONS as ANNOTATIONS } from "@sightline/shared/api";
import { describe, expect, it } from "vitest";
import { monitor, namespace, registration } from "../testing/objects.ts";
import { inReach, place } from "./place.ts";
import { chosen } from "./select.ts";

type Spec = ClusterRegistration["spec"];

function fleet(eu: Spec = {}): ClusterRegistration[] {
  return [registration("eu-1", { spec: { accepted: true, ...eu } }), registration("us-1")];
}

function run(annotations: Record<string, string>, registrations = fleet(), inside?: Namespace): ReturnType<typeof place> {
  return place({ metadata: monitor({ metadata: { annotations } }).metadata, registrations, namespace: inside, running: new Set(["eu-1", "gone-1"]) });
}

const taints: Spec = { taints: [{ key: "down", effect: "NoSelect" }] };
const tenants: Spec = { namespaceSelector: { matchLabels: { tenant: "a" } } };

const reach = (annotations: Record<string, string>): string[] => inReach({ metadata: monitor({ metadata: { annotations } }).metadata, registrations: fleet(tenants), namespace: namespace({ tenant: "a" }), running: new Set(["us-1"]) });

describe("the clusters in a monitor's reach", () => {
  it.each<[string, Record<string, string>, string[]]>([
    ["are all that match", {}, ["eu-1", "us-1"]],
    ["are all that match, whatever max-clusters leaves of them", { [ANNOTATIONS.maxClusters]: "1", [ANNOTATIONS.spreadBy]: "region" }, ["eu-1", "us-1"]],
    ["are no others", { [ANNOTATIONS.clusters]: "eu-*" }, ["eu-1"]],
    ["are those where it runs, when an annotation cannot be read", { [ANNOTATIONS.maxClusters]: "many" }, ["us-1"]],
  ])("%s", (_what, annotations, expected) => expect(reach(annotations)).toEqual(expected));
});

describe("a monitor's place", () => {
  it("is what its annotations and its namespace select", () => {
    expect(chosen(run({}, fleet(tenants), namespace({ tenant: "a" })).choices)).toEqual(["eu-1", "us-1"]);
    expect(chosen(run({}, fleet(tenants), namespace({ tenant: "b" })).choices)).toEqual(["us-1"]);
    expect(chosen(run({ [ANNOTATIONS.clusters]: "eu-*" }).choices)).toEqual(["eu-1"]);
  });

  it("stays where it runs when an annotation cannot be read, and says so of each cluster", () => {
    const { choices, problem } = run({ [ANNOTATIONS.maxClusters]: "many" });
    expect(problem).toContain('"many" is not a whole number from 1');
    expect(choices).toEqual([
      { cluster: "eu-1", chosen: true, message: "the placement annotations cannot be read, and what runs here goes on meanwhile" },
      { cluster: "us-1", chosen: false, reason: "PlacementUnreadable", message: "the placement annotations cannot be read, so that nothing new starts anywhere" },
    ]);
  });

  it.each<[string, Record<string, string>, Spec, string[]]>([
    ["a taint that the readable rest does not tolerate", {}, taints, []],
    ["not by a taint that the readable rest tolerates", { [ANNOTATIONS.tolerations]: "down" }, taints, ["eu-1"]],
    ["not by a taint while its tolerations cannot be read", { [ANNOTATIONS.tolerations]: "=" }, taints, ["eu-1"]],
    ["a cluster that does not let its namespace in", {}, tenants, []],
    ["a cluster that is not accepted any more", {}, { accepted: false }, []],
  ])("is withdrawn meanwhile by %s", (_name, annotations, spec, expected) => {
    expect(chosen(run({ [ANNOTATIONS.maxClusters]: "many", ...annotations }, fleet(spec)).choices)).toEqual(expected);
  });
});
