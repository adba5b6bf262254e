import { describe, expect, it } from "vitest";
import { conditionOf } from "../../kit/hub-api.ts";
import { monitor } from "../../kit/monitor.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { withStage } from "../../kit/suite.ts";
import { answers, type Target } from "../../kit/target.ts";
import { patchPastReview } from "../../kit/users.ts";

describe("placement annotations", () => {
  let stage: Stage;
  let target: Target;
  withStage(openStage, async (opened) => {
    stage = opened;
    ({ target } = opened);
    target.behave("/ok", answers(200));
  });

  it.each([
    ["clusters by name, glob and exclusion", { clusters: "eu-1,us-*,ap-1,!ap-*" }, ["eu-1", "us-1"]],
    ["clusters by label selector", { "cluster-selector": "environment in (production),region!=us-east-1" }, ["eu-1"]],
    ["regions", { regions: "ap-south-1,us-east-1" }, ["ap-1", "us-1"]],
    ["environments", { environments: "staging" }, ["ap-1"]],
    ["all terms together", { environments: "production", clusters: "*", regions: "eu-west-1,ap-south-1" }, ["eu-1"]],
  ])("choose %s", async (_what, placement, expected) => {
    const name = `by-${Object.keys(placement).join("-")}`;
    await stage.api.apply(monitor(name, { url: target.url("/ok") }, { placement }));
    const status = await stage.api.untilVerdict(`default/${name}`, "Healthy");
    expect(status.clusterResults?.map(({ clusterID }) => clusterID)).toEqual(expected);
  });

  it("that match nothing say so, and say why", async () => {
    await stage.api.apply(monitor("nowhere", { url: target.url("/ok") }, { placement: { regions: "mars" } }));
    const status = await stage.api.untilStatus("default/nowhere", "not assigned", (now) => conditionOf(now, "Assigned")?.status === "False");
    expect(conditionOf(status, "Assigned")).toMatchObject({ reason: "NoClusterMatched" });
    expect(status).toMatchObject({ status: "Unknown", totalClusterCount: 0 });
    expect(status.errorMessage).toMatch(/^No cluster is assigned: .+\.$/);
  });

  it("that cannot be read withdraw nothing that runs", async () => {
    await stage.api.apply(monitor("misread", { url: target.url("/ok") }, { placement: { clusters: "eu-1" } }));
    await stage.api.untilVerdict("default/misread", "Healthy");
    const misread = { metadata: { annotations: { "monitoring.example.com/cluster-selector": "tier in (" } } };
    await expect(stage.api.patchMonitor("default/misread", misread)).rejects.toThrow(/422 .*cluster selection failed: annotation .*cluster-selector is invalid/);
    await patchPastReview(stage, "default/misread", misread);
    const status = await stage.api.untilStatus("default/misread", "refused", (now) => conditionOf(now, "Assigned")?.reason === "InvalidPlacement");
    expect(status).toMatchObject({ status: "Healthy", healthy: "1/1" });
  });

  it("follow a registration that is relabelled, and one that is not accepted any more", async () => {
    await stage.api.apply(monitor("follower", { url: target.url("/ok") }, { placement: { "cluster-selector": "tier=edge" } }));
    await stage.api.untilVerdict("default/follower", "Unknown");
    await stage.api.patchRegistration("us-1", { metadata: { labels: { tier: "edge" } } });
    await stage.api.patchRegistration("ap-1", { metadata: { labels: { tier: "edge" } } });
    await stage.api.untilStatus("default/follower", "Healthy on two", ({ healthy }) => healthy === "2/2");
    await stage.api.patchRegistration("ap-1", { spec: { accepted: false } });
    const status = await stage.api.untilStatus("default/follower", "Healthy on one", ({ healthy }) => healthy === "1/1");
    expect(status.clusterResults?.map(({ clusterID }) => clusterID)).toEqual(["us-1"]);
  });
});
