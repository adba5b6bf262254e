import { describe, expect, it } from "vitest";
import { sum } from "../../kit/metrics.ts";
import { monitor } from "../../kit/monitor.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { withStage } from "../../kit/suite.ts";
import { answers, answersAfter, type Target } from "../../kit/target.ts";

const NAMES = ["a", "b", "c", "d"];

/** An agent that may run one probe at a time. */
async function openSmall(): Promise<Stage> {
  process.env["SIGHTLINE_MAX_CONCURRENCY"] = "1";
  try {
    return await openStage("eu-1:eu-west-1:production");
  } finally {
    delete process.env["SIGHTLINE_MAX_CONCURRENCY"];
  }
}

describe("an agent that has more to probe than it can", () => {
  let stage: Stage;
  let target: Target;
  withStage(openSmall, async (opened) => {
    stage = opened;
    ({ target } = opened);
    await stage.api.patchRegistration("eu-1", { spec: { heartbeat: { interval: "1s" } } });
  });

  it("says so, which makes the checks stale rather than healthy, until it has the time again", async () => {
    target.behave("/", answers(200));
    await stage.api.apply(...NAMES.map((name) => monitor(name, { url: target.url("/") })));
    for (const name of NAMES) await stage.api.untilVerdict(`default/${name}`, "Healthy");
    expect(sum(await stage.hubMetrics(), "sightline_cluster_checks_not_probed")).toBe(0);

    target.behave("/", answersAfter(900));
    for (const name of NAMES) {
      const status = await stage.api.untilStatus(`default/${name}`, "skipped", (now) => now.clusterResults?.[0]?.errorMessage === "skipped by the agent: overloaded");
      expect(status).toMatchObject({ status: "Unknown", clusterResults: [{ status: "Stale" }] });
      expect(status.errorMessage).toBe("No current result from any of 1 clusters.");
    }
    expect(sum(await stage.hubMetrics(), "sightline_cluster_checks_not_probed")).toBe(4);
    expect(sum(await stage.agentMetrics("eu-1"), "sightline_agent_checks_not_probed")).toBe(4);

    target.behave("/", answers(200));
    for (const name of NAMES) await stage.api.untilVerdict(`default/${name}`, "Healthy");
  });
});
