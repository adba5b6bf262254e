import { afterAll, describe, expect, it } from "vitest";
import { conditionOf } from "../../kit/hub-api.ts";
import { at, listAt } from "../../kit/json.ts";
import { monitor } from "../../kit/monitor.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { withStage } from "../../kit/suite.ts";
import { answers, type Target } from "../../kit/target.ts";
import { sightline } from "../../kit/sightline.ts";
import { patchPastReview } from "../../kit/users.ts";
import { AssignmentView, cluster } from "./support.ts";

/** Two clusters have agents; the others are only registered, which is all that placement asks. */
const FLEET = ["ap-1", "eu-1", "eu-2", "eu-3", "us-1", "us-2"];

let stage: Stage;
let target: Target;
let assigned: AssignmentView;

withStage(() => openStage("eu-1:eu:production,us-1:us:production"), async (opened) => {
  stage = opened;
  ({ target } = opened);
  target.behave("/ok", answers(200));
  assigned = await AssignmentView.open(stage);
  await stage.api.apply(cluster("eu-2", { region: "eu" }), cluster("eu-3", { region: "eu" }), cluster("us-2", { region: "us" }), cluster("ap-1", { region: "ap" }));
});
afterAll(async () => await assigned?.[Symbol.asyncDispose]());

function place(name: string, placement?: Record<string, string>, namespace = "default"): Promise<void> {
  return stage.api.apply(monitor(name, { url: target.url("/ok") }, { namespace, ...(placement === undefined ? {} : { placement }) }));
}

function of(key: string): Promise<string[]> {
  return assigned.clustersOf(key, FLEET);
}

function regions(clusters: readonly string[]): string[] {
  return clusters.map((name) => name.slice(0, 2)).toSorted();
}

function follows(key: string, wanted: string[], what: string, make: () => Promise<unknown>): Promise<void> {
  return assigned.follows({ what, make }, key, wanted, FLEET);
}

function spec(name: string, change: object): Promise<void> {
  return stage.api.patchRegistration(name, { spec: change });
}

describe("placement", () => {
  it("without a term is everywhere, and follows a registration that is added, tainted, relabelled and removed", async () => {
    const key = "default/everywhere";
    await follows(key, FLEET, "a monitor is made", () => place("everywhere"));
    const all = ["ap-1", "ap-2", ...FLEET.slice(1)];
    await assigned.follows({ what: "a registration is added", make: () => stage.api.apply(cluster("ap-2", { region: "ap" }, { tier: "edge" })) }, key, all, all);
    await assigned.follows({ what: "a registration is tainted NoSelect", make: () => spec("ap-2", { taints: [{ key: "down", effect: "NoSelect" }] }) }, key, FLEET, all);
    await assigned.follows({ what: "its taint is taken away", make: () => spec("ap-2", { taints: null }) }, key, all, all);
    const place2 = { metadata: { annotations: { "monitoring.example.com/cluster-selector": "tier!=edge" } } };
    await assigned.follows({ what: "the monitor's annotation is changed", make: () => stage.api.patchMonitor(key, place2) }, key, FLEET, all);
    await assigned.follows({ what: "a registration is relabelled", make: () => stage.api.patchRegistration("ap-2", { metadata: { labels: { tier: "core" } } }) }, key, all, all);
    const remove = (): Promise<void> => stage.sandbox.kube.client.delete("apis/monitoring.example.com/v1/clusterregistrations/ap-2");
    await assigned.follows({ what: "a registration is removed", make: remove }, key, FLEET, all);
    await stage.api.deleteMonitor(key);
  });

  it("leaves what runs under NoSelectIfNew and lets nothing new in, unless it is tolerated; also after the hub's restart", async () => {
    await follows("default/before", FLEET, "a monitor is made before the taint", () => place("before"));
    await spec("eu-2", { taints: [{ key: "full", value: "disk", effect: "NoSelectIfNew" }] });
    const without = FLEET.filter((name) => name !== "eu-2");
    await follows("default/after", without, "a monitor is made after the taint", () => place("after"));
    await follows("default/tolerant", FLEET, "one that tolerates the taint's value", () => place("tolerant", { tolerations: "full=disk" }));
    await follows("default/wrong", without, "one that tolerates another value", () => place("wrong", { tolerations: "full=memory,edge" }));
    const hub = stage.sandbox.state.hubs[0]?.name ?? "";
    await stage.sandbox.restart(hub);
    await follows("default/fresh", without, "a monitor is made after the hub's restart", () => place("fresh"));
    expect(await of("default/before")).toEqual(FLEET);
    await spec("eu-2", { taints: [{ key: "full", value: "disk", effect: "NoSelect" }] });
    await follows("default/before", without, "the taint becomes NoSelect", () => Promise.resolve());
    expect(await of("default/tolerant")).toEqual(FLEET);
    await spec("eu-2", { taints: null });
  });

  it("follows a namespace that is relabelled", async () => {
    await stage.api.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "tenant-a", labels: { tenant: "a" } } });
    await spec("us-2", { namespaceSelector: { matchLabels: { tenant: "a" }, matchExpressions: [{ key: "banned", operator: "DoesNotExist" }] } });
    const label = (labels: object): Promise<unknown> => stage.sandbox.kube.client.patch("api/v1/namespaces/tenant-a", { metadata: { labels } });
    const key = "tenant-a/inside";
    const without = FLEET.filter((name) => name !== "us-2");
    await follows(key, FLEET, "a monitor of a namespace that is let in", () => place("inside", undefined, "tenant-a"));
    await follows("default/outside", without, "a monitor of a namespace that is not let in", () => place("outside"));
    await follows(key, without, "the namespace is banned", () => label({ banned: "yes" }));
    await follows(key, FLEET, "the namespace is let in again", () => label({ banned: null }));
    await follows(key, without, "the namespace loses its tenant", () => label({ tenant: null }));
    await spec("us-2", { namespaceSelector: null });
    await follows(key, FLEET, "the selector is taken away", () => Promise.resolve());
  });

  it("spreads at most so many clusters evenly, and moves one at most when one goes", async () => {
    const key = "default/spread";
    const status = async (count: number): Promise<string[]> => {
      const { clusterResults = [] } = await stage.api.untilStatus(key, `on ${count} clusters`, ({ totalClusterCount }) => totalClusterCount === count);
      return clusterResults.map(({ clusterID }) => clusterID);
    };
    await place("spread", { "max-clusters": "3", "spread-by": "region" });
    expect(regions(await status(3))).toEqual(["ap", "eu", "us"]);
    const before = new Set(await of(key));
    const gone = [...before].find((name) => name.startsWith("eu")) ?? "";
    await spec(gone, { accepted: false });
    const after = await stage.api.untilStatus(key, "moved", ({ clusterResults = [] }) => clusterResults.length === 3 && clusterResults.every(({ clusterID }) => clusterID !== gone));
    const now = new Set(after.clusterResults?.map(({ clusterID }) => clusterID));
    expect(regions([...now])).toEqual(["ap", "eu", "us"]);
    expect([...before.difference(now)]).toEqual([gone]);
    await follows(key, [...before].toSorted(), "the cluster is back", () => spec(gone, { accepted: true }));
  });

  it.each([
    [{ "max-clusters": "0" }, /max-clusters is invalid: "0" is not a whole number from 1/],
    [{ "spread-by": "region" }, /spread-by is invalid: .*give that annotation too/],
    [{ tolerations: "a=b=c" }, /tolerations is invalid: "a=b=c" is not a toleration/],
  ])("that cannot be read is refused, and says so should it get through: %j", async (placement, sentence) => {
    const name = `invalid-${Object.keys(placement)[0] ?? ""}`;
    await expect(place(name, placement)).rejects.toThrow(sentence);
    await place(name, { clusters: "eu-1" });
    const annotations = Object.fromEntries(Object.entries(placement).map(([key, value]) => [`monitoring.example.com/${key}`, value]));
    await patchPastReview(stage, `default/${name}`, { metadata: { annotations } });
    const status = await stage.api.untilStatus(`default/${name}`, "refused", (now) => conditionOf(now, "Assigned")?.reason === "InvalidPlacement");
    expect(conditionOf(status, "Assigned")?.message).toMatch(sentence);
    expect(await of(`default/${name}`)).toEqual(["eu-1"]);
  });
});

describe("a ClusterRegistration", () => {
  it.each([
    ["an unknown effect", { taints: [{ key: "a", effect: "NoExecute" }] }, /effect/],
    ["a taint without a key", { taints: [{ effect: "NoSelect" }] }, /key/],
    ["a key that is none", { taints: [{ key: "-a", effect: "NoSelect" }] }, /key/],
    ["the same taint twice", { taints: [{ key: "a", effect: "NoSelect" }, { key: "a", value: "b", effect: "NoSelect" }] }, /[Dd]uplicate/],
    ["In without values", { namespaceSelector: { matchExpressions: [{ key: "a", operator: "In" }] } }, /values must be given for the operators In and NotIn, and for no other/],
    ["Exists with values", { namespaceSelector: { matchExpressions: [{ key: "a", operator: "Exists", values: ["b"] }] } }, /values must be given for the operators In and NotIn, and for no other/],
    ["an unknown operator", { namespaceSelector: { matchExpressions: [{ key: "a", operator: "Gt", values: ["1"] }] } }, /operator/],
    ["a label key that is none", { namespaceSelector: { matchLabels: { "not a key": "b" } } }, /label keys/],
    ["a label value that is none", { namespaceSelector: { matchLabels: { a: "not a value" } } }, /matchLabels/],
  ])("is refused with %s", async (_what, change, reason) => {
    await expect(spec("ap-1", change)).rejects.toThrow(reason);
  });

  it("shows how far its agent's clock is off", async () => {
    await expect.poll(async () => (await stage.api.registration("eu-1"))?.status?.clockSkew, { timeout: 30_000 }).toMatch(/^-?\d/);
  });
});

describe("sightline explain", () => {
  it("tells people and programs what the hub does", async () => {
    await place("explained", { regions: "eu", "max-clusters": "2" });
    await stage.api.untilStatus("default/explained", "assigned", ({ totalClusterCount }) => totalClusterCount === 2);
    const json = await sightline(stage, "explain", "default/explained", "-o", "json");
    expect(json.status).toBe(0);
    const explanation: unknown = JSON.parse(json.output);
    const chosen = listAt(explanation, "clusters").filter((one) => at(one, "chosen") === true).map((one) => at(one, "cluster"));
    expect(chosen).toEqual(await of("default/explained"));
    expect(at(explanation, "check")).toMatchObject({ interval: "1s", timeout: "1s", expectedStatuses: ["200"] });
    await spec("us-2", { namespaceSelector: { matchLabels: { tenant: "a" } } });
    const text = await sightline(stage, "explain", "default/explained");
    expect(text.status).toBe(0);
    expect(text.output).toMatch(/^us-1 +no +its region us is not among eu +-$/m);
    expect(text.output).toMatch(/^us-2 +no +it does not let in the namespace default, whose labels do not match tenant in \(a\) +-$/m);
    expect(text.output).toMatch(/^eu-\d +no +it matches, but only 2 of 3 matching clusters are taken, and others come first +-$/m);
  });

  it.each([
    [["explain", "default/nobody"], /error: HTTPMonitor default\/nobody does not exist/],
    [["explain", "nobody"], /It must be NAMESPACE\/NAME/],
    [["explain", "default/nobody", "--kubeconfig", "/nowhere"], /error: failed to read the kubeconfig \/nowhere/],
  ])("%j ends with a sentence and code 1", async (words, sentence) => {
    const { status, output } = await sightline(stage, ...words);
    expect([status, output]).toEqual([1, expect.stringMatching(sentence)]);
  });
});
