import { AUTHORIZED_BY_ANNOTATION } from "@sightline/shared/api";
import got from "got";
import { afterAll, describe, expect, it } from "vitest";
import { conditionOf } from "../../kit/hub-api.ts";
import { at, textAt } from "../../kit/json.ts";
import { monitor } from "../../kit/monitor.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { sightline } from "../../kit/sightline.ts";
import { withStage } from "../../kit/suite.ts";
import { answers, type Target } from "../../kit/target.ts";
import { actingAs, HUB_USER, patchPastReview, type Somebody } from "../../kit/users.ts";
import { waitUntil } from "../../kit/wait.ts";
import { AssignmentView, cluster } from "../placement/support.ts";
import { auditOf, clusterBinding, monitorPolicy, outcomes, tenantOf, unbind, useRole } from "./support.ts";

/** One cluster has an agent; the others are only registered, which is all that placement asks. */
const FLEET = ["ap-1", "eu-1", "us-1"];
const DRY_RUN = "apis/monitoring.example.com/v1/namespaces/shop/httpmonitors?dryRun=All";
const PATIENCE = { timeoutMs: 60_000, everyMs: 20 };

let stage: Stage;
let target: Target;
let assigned: AssignmentView;
/** May use eu-1 and us-1, and ap-9, which is yet to come. */
let jane: Somebody;
/** May use nothing. */
let joe: Somebody;
/** May use everything. */
let max: Somebody;

withStage(() => openStage("eu-1:eu:production", { flags: { hub: ["--metrics-authorization"] } }), async (opened) => {
  stage = opened;
  ({ target } = opened);
  target.behave("/ok", answers(200));
  target.behave("/other", answers(200));
  assigned = await AssignmentView.open(stage);
  [jane, joe, max] = [actingAs(stage, "jane", "shop-team"), actingAs(stage, "joe"), actingAs(stage, "max")];
  await stage.api.apply(
    cluster("us-1", { region: "us" }),
    cluster("ap-1", { region: "ap" }),
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels: { tenant: "a" } } },
    useRole("use-some", ["eu-1", "us-1", "ap-9"]),
    clusterBinding("use-some", "jane"),
    clusterBinding("sightline-use-all", "max"),
    ...["jane", "joe", "max"].map((user) => tenantOf("shop", user)),
  );
});
afterAll(async () => {
  for (const { client } of [jane, joe, max]) client?.close();
  await assigned?.[Symbol.asyncDispose]();
});

function made(name: string, placement?: Record<string, string>, path = "/ok"): object {
  return monitor(name, { url: target.url(path) }, { namespace: "shop", ...(placement === undefined ? {} : { placement }) });
}

async function untilAssigned(key: string, wanted: readonly string[], fleet = FLEET): Promise<void> {
  await waitUntil({ what: `${key} to be assigned to ${wanted.join()}`, ...PATIENCE }, async () => (await assigned.clustersOf(key, fleet)).join() === wanted.join());
}

async function untilCondition(key: string, reason: string): Promise<string> {
  const status = await stage.api.untilStatus(key, reason, (now) => conditionOf(now, "Assigned")?.reason === reason);
  return conditionOf(status, "Assigned")?.message ?? "";
}

async function recordOf(key: string): Promise<string> {
  return (await stage.api.monitor(key))?.metadata.annotations?.[AUTHORIZED_BY_ANNOTATION] ?? "";
}

describe("admission", () => {
  it("unauthenticated, unauthorised, policy-violating, permitted: four audit outcomes", async () => {
    const { statusCode, body } = await got(stage.sandbox.state.hubs[0]?.metrics ?? "", { retry: { limit: 0 }, throwHttpErrors: false });
    expect([statusCode, body]).toEqual([401, expect.stringContaining("authentication failed: ")]);
    await expect(joe.api.apply(made("outcomes"))).rejects.toThrow(/403 .*authorization failed: joe may not use any cluster that the placement selects, such as ap-1, eu-1, us-1 \(verb use on clusterregistrations/);
    await stage.api.apply(monitorPolicy("outcomes", { hosts: ["shop.example.com"] }, "a"));
    await waitUntil({ what: "the policy to be known", ...PATIENCE }, async () => await jane.client.post(DRY_RUN, made("dry-outcomes")).then(() => false, () => true));
    await expect(jane.api.apply(made("outcomes"))).rejects.toThrow(/security policy violation: MonitorPolicy outcomes \(allow\.hosts\): the host 127\.0\.0\.1 is not among shop\.example\.com/);
    await stage.sandbox.kube.client.delete("apis/monitoring.example.com/v1/monitorpolicies/outcomes");
    await waitUntil({ what: "the policy to be forgotten", ...PATIENCE }, async () => await jane.api.apply(made("outcomes")).then(() => true));
    await untilAssigned("shop/outcomes", ["eu-1", "us-1"]);
    const told = outcomes(await auditOf(stage, "outcomes"));
    expect(told[0]).toBe("create joe Forbidden");
    expect(told).toContain("create jane PolicyViolation");
    expect(told).toContain("create jane Success");
    expect(outcomes(await auditOf(stage, "/metrics"))[0]).toMatch(/^get .* Unauthorized$/);
    await waitUntil({ what: "the controller's own check", ...PATIENCE }, async () => outcomes(await auditOf(stage, "outcomes")).includes(`reconcile ${HUB_USER} Success`));
  });

  it("refuses a named cluster that the author may not use, and leaves out one that nobody named", async () => {
    await expect(jane.api.apply(made("named", { clusters: "eu-1,ap-1" }))).rejects.toThrow("authorization failed: jane may not use cluster ap-1 (verb use on clusterregistrations.monitoring.example.com)");
    await jane.api.apply(made("unnamed"));
    await untilAssigned("shop/unnamed", ["eu-1", "us-1"]);
    const status = await stage.api.untilStatus("shop/unnamed", "assigned", (now) => conditionOf(now, "Assigned")?.status === "True");
    expect(conditionOf(status, "Assigned")?.message).toBe("2 clusters are assigned; left out, since jane may not use it: ap-1 (verb use on clusterregistrations.monitoring.example.com)");
    const { output } = await sightline(stage, "explain", "shop/unnamed");
    expect(output).toMatch(/^ap-1 +no +jane, who asked for the monitor, may not use it/m);
    expect(output).toMatch(/asked by +jane/);
  });

  it("gives a new cluster in reach to those who may use it", async () => {
    const fleet = ["ap-1", "ap-8", "ap-9", "eu-1", "us-1"];
    await stage.api.apply(cluster("ap-8", {}), cluster("ap-9", {}));
    await untilAssigned("shop/unnamed", ["ap-9", "eu-1", "us-1"], fleet);
    await max.api.apply(made("everywhere"));
    await untilAssigned("shop/everywhere", fleet, fleet);
    for (const name of ["ap-8", "ap-9"]) await stage.sandbox.kube.client.delete(`apis/monitoring.example.com/v1/clusterregistrations/${name}`);
    await untilAssigned("shop/everywhere", FLEET, fleet);
  });

  it("changes nothing by a dry run, and marks it", async () => {
    const answer = await jane.client.post(DRY_RUN, made("dry"));
    expect(await stage.api.monitor("shop/dry")).toBeUndefined();
    expect(outcomes(await auditOf(stage, "dry"))).toEqual(["create jane Success dryRun"]);
    // Nor does its record spare anybody the review, and its line in the log.
    const record = textAt(answer, "metadata", "annotations", AUTHORIZED_BY_ANNOTATION) ?? "";
    expect(textAt(JSON.parse(record), "user")).toBe("jane");
    await jane.api.apply({ ...made("dry"), metadata: { name: "dry", namespace: "shop", annotations: { [AUTHORIZED_BY_ANNOTATION]: record } } });
    expect(outcomes(await auditOf(stage, "dry")).slice(0, 2)).toEqual(["create jane Success dryRun", "create jane Success"]);
    expect(await recordOf("shop/dry")).not.toBe(record);
  });

  it("names a monitor's author by the last who applied it", async () => {
    await jane.api.apply(made("handed"));
    await max.api.patchMonitor("shop/handed", { spec: { expectedStatus: 204 } });
    expect(textAt(JSON.parse(await recordOf("shop/handed")), "user")).toBe("max");
    await jane.api.patchMonitor("shop/handed", { metadata: { labels: { a: "b" } } });
    expect(textAt(JSON.parse(await recordOf("shop/handed")), "user")).toBe("max");
    await jane.api.patchMonitor("shop/handed", { metadata: { annotations: { [AUTHORIZED_BY_ANNOTATION]: "" } } });
    expect(textAt(JSON.parse(await recordOf("shop/handed")), "user")).toBe("jane");
  });
});

describe("the controller's own check", () => {
  it("a monitor whose author lost the right is withdrawn and told why", async () => {
    await stage.api.apply(useRole("use-us", ["us-1"]), useRole("use-eu", ["eu-1"]), clusterBinding("use-us", "joe"), clusterBinding("use-eu", "joe"));
    await waitUntil({ what: "joe's rights", ...PATIENCE }, async () => await joe.api.apply(made("lost", { clusters: "eu-1,us-1" })).then(() => true));
    await untilAssigned("shop/lost", ["eu-1", "us-1"]);
    await stage.api.untilStatus("shop/lost", "assigned to two", ({ totalClusterCount }) => totalClusterCount === 2);
    await unbind(stage, "use-us", "joe");
    await untilAssigned("shop/lost", ["eu-1"]);
    await unbind(stage, "use-eu", "joe");
    await untilAssigned("shop/lost", []);
    const message = await untilCondition("shop/lost", "NotAuthorized");
    expect(message).toBe("authorization failed: joe, who asked for the monitor, may not use any cluster that its placement selects (verb use on clusterregistrations.monitoring.example.com)");
    const events = await waitUntil({ what: "both events", ...PATIENCE }, async () => {
      const lost = (await stage.api.eventsAbout("shop/lost")).filter((event) => textAt(event, "reason") === "AuthorizationLost");
      return lost.length === 2 ? lost : undefined;
    });
    expect(events.map((event) => textAt(event, "message"))).toContain("authorization failed: joe, who asked for the monitor, may not use us-1 any more (verb use on clusterregistrations.monitoring.example.com): it is withdrawn from there");
    expect(outcomes(await auditOf(stage, "lost")).filter((line) => line === `reconcile ${HUB_USER} Forbidden`)).toHaveLength(2);
    await stage.api.apply(clusterBinding("use-us", "joe"));
    await untilAssigned("shop/lost", ["us-1"]);
  });

  it("a forged or copied authorized-by does nothing", async () => {
    await max.api.apply(made("genuine"));
    await jane.api.apply(made("forged", { clusters: "eu-1" }));
    await untilAssigned("shop/forged", ["eu-1"]);
    const copied = await recordOf("shop/genuine");
    await expect(jane.api.patchMonitor("shop/forged", { metadata: { annotations: { [AUTHORIZED_BY_ANNOTATION]: copied } } })).rejects.toThrow(/403 .*authorization failed: the annotation .* is written by the hub alone/);
    await jane.api.patchMonitor("shop/forged", { metadata: { annotations: { [AUTHORIZED_BY_ANNOTATION]: copied } }, spec: { expectedStatus: 200, interval: "2s" } });
    expect(textAt(JSON.parse(await recordOf("shop/forged")), "user")).toBe("jane");
    // Past the webhook, as if it had not been there.
    const own = await recordOf("shop/forged");
    for (const record of [copied, own.replace('"jane"', '"max"'), "{}", null, own]) {
      await patchPastReview(stage, "shop/forged", { metadata: { annotations: { [AUTHORIZED_BY_ANNOTATION]: record, "monitoring.example.com/clusters": "*" } }, spec: { url: target.url("/other") } });
      expect(await untilCondition("shop/forged", "NotAuthorized")).toMatch(/^authorization failed: .*, so what ran before goes on; apply it again/);
      expect(await assigned.clustersOf("shop/forged", FLEET)).toEqual(["eu-1"]);
    }
    // The last one was jane's own, of what stood before: it proves what was allowed even to a hub that remembers nothing.
    await stage.sandbox.restart(stage.sandbox.state.hubs[0]?.name ?? "");
    expect(await untilCondition("shop/forged", "NotAuthorized")).toMatch(/so what ran before goes on/);
    const seen = target.seen("/ok").length;
    await waitUntil({ what: "probes of what was allowed", ...PATIENCE }, () => target.seen("/ok").length > seen + 2);
    expect(await assigned.clustersOf("shop/forged", FLEET)).toEqual(["eu-1"]);
    expect(target.seen("/other")).toEqual([]);
    // A review in jane's name lets in what she may have.
    await jane.api.patchMonitor("shop/forged", { metadata: { annotations: { [AUTHORIZED_BY_ANNOTATION]: "" } } });
    await untilAssigned("shop/forged", ["eu-1", "us-1"]);
    await waitUntil({ what: "probes of what is allowed now", ...PATIENCE }, () => target.seen("/other").length > 0);
  });

  it("withdraws what a policy does not allow any more, and lets it run again when it does", async () => {
    await max.api.apply(made("policy"));
    await untilAssigned("shop/policy", FLEET);
    await stage.api.apply(monitorPolicy("slow", { minInterval: "1h", ports: [443, "8000-8999"] }, "a"));
    await untilAssigned("shop/policy", []);
    expect(await untilCondition("shop/policy", "PolicyViolation")).toMatch(/^security policy violation: MonitorPolicy slow \(allow\.ports\): the port \d+ is not among 443, 8000-8999; security policy violation: MonitorPolicy slow \(allow\.minInterval\): the interval 1s is shorter than 1h$/);
    await stage.sandbox.kube.client.patch("api/v1/namespaces/shop", { metadata: { labels: { tenant: "b" } } });
    await untilAssigned("shop/policy", FLEET);
    await stage.sandbox.kube.client.patch("api/v1/namespaces/shop", { metadata: { labels: { tenant: "a" } } });
    await untilAssigned("shop/policy", []);
    // Neither policy nor rights ever stand in the way of a deletion.
    await joe.api.deleteMonitor("shop/policy");
    await stage.api.untilGone("shop/policy");
    await stage.sandbox.kube.client.delete("apis/monitoring.example.com/v1/monitorpolicies/slow");
  });
});

describe("the hub's own account", () => {
  it("changes nothing of a cluster, but to take back its acceptance, and nothing of a monitor without the right to", async () => {
    const { api, client } = actingAs(stage, HUB_USER);
    try {
      await expect(api.patchRegistration("ap-1", { spec: { egress: { allow: ["0.0.0.0/0"] } } })).rejects.toThrow(/403 .*authorization failed: the hub itself/);
      await stage.api.patchRegistration("ap-1", { spec: { accepted: true } });
      await api.patchRegistration("ap-1", { spec: { accepted: false } });
      await expect(api.patchRegistration("ap-1", { spec: { accepted: true } })).rejects.toThrow(/403 .*authorization failed: the hub itself/);
      await expect(api.patchMonitor("shop/unnamed", { spec: { interval: "5s" } })).rejects.toThrow(/403 .*authorization failed: .*http-monitor-operator may not use any cluster/);
    } finally {
      client.close();
    }
    // The API server asks again where the status was written meanwhile: the same answer, and another line.
    const told = outcomes(await auditOf(stage, "ap-1")).filter((line) => line.startsWith(`update ${HUB_USER} `));
    expect(new Set(told)).toEqual(new Set(["Forbidden", "Success"].map((outcome) => `update ${HUB_USER} ${outcome}`)));
  });
});

describe("a MonitorPolicy", () => {
  it.each([
    ["a host that is a URL", { hosts: ["https://shop.example.com"] }, /hosts/],
    ["a wildcard in the middle", { hosts: ["shop.*.com"] }, /hosts/],
    ["a port that is none", { ports: [70_000] }, /a port is at most 65535/],
    ["a range that runs backwards", { ports: ["9000-8000"] }, /begin with its lower end/],
    ["a method that nobody has", { methods: ["BREW"] }, /methods/],
    ["an interval below a second", { minInterval: "10ms" }, /minInterval must be between 1s and 24h/],
    ["a negative number of monitors", { maxMonitors: -1 }, /maxMonitors/],
  ])("is refused with %s", async (_what, allow, reason) => {
    await expect(stage.api.apply(monitorPolicy("wrong", allow, "z"))).rejects.toThrow(reason);
  });

  it("is told to the audit log", async () => {
    await stage.api.apply(monitorPolicy("told", { maxMonitors: 5 }, "z"));
    const [entry] = await auditOf(stage, "told");
    expect([textAt(entry, "operation"), textAt(entry, "outcome"), at(entry, "resource", "kind")]).toEqual(["create", "Success", "MonitorPolicy"]);
  });
});
