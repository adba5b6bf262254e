import { describe, expect, it } from "vitest";
import { sum } from "../../kit/metrics.ts";
import { monitor } from "../../kit/monitor.ts";
import { storedResults } from "../../kit/result-log.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { withStage } from "../../kit/suite.ts";
import { answers, type Target } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";

/** What dies is killed with SIGKILL, and what is seen afterwards must be right without a single false transition. */
describe("an outage", () => {
  let stage: Stage;
  let target: Target;
  withStage(openStage, async (opened) => {
    stage = opened;
    ({ target } = opened);
    target.behave("/ok", answers(200));
    target.behave("/broken", answers(500));
    await stage.api.apply(monitor("ok", { url: target.url("/ok") }), monitor("broken", { url: target.url("/broken") }));
    await stage.api.untilVerdict("default/ok", "Healthy");
    await stage.api.untilVerdict("default/broken", "Unhealthy");
  });

  it("of the hub leaves every status as it was, and its successor goes on", async () => {
    const before = await transitions(stage);
    const hub = stage.sandbox.state.hubs[0]?.name ?? "";
    await stage.sandbox.kill(hub);
    await untilProbed(target, 4);
    await stage.sandbox.restart(hub);
    await untilRefreshed(stage, Date.now());
    expect(await transitions(stage)).toEqual(before);
    expect(sum(await stage.hubMetrics(), "httpmonitor_transitions_total")).toBe(0);
  });

  it("of NATS stops no probe; what was measured meanwhile arrives afterwards, and no verdict changes", async () => {
    const before = await transitions(stage);
    const outage = { from: Date.now(), to: 0 };
    await stage.sandbox.kill("nats-server");
    await untilProbed(target, 12);
    outage.to = Date.now();
    await stage.sandbox.restart("nats-server");
    await untilRefreshed(stage, outage.to);
    expect(await transitions(stage)).toEqual(before);
    const uid = (await stage.api.monitor("default/ok"))?.metadata.uid;
    await waitUntil({ what: "the outage's results of every cluster", timeoutMs: 60_000, everyMs: 500 }, async () => {
      const meanwhile = (await storedResults(stage.sandbox)).filter((result) => result.uid === uid && result.endedAt > outage.from && result.endedAt < outage.to);
      return meanwhile.length >= 3 * 10;
    });
  });

  it("of an agent is over when it starts again, from its disk, even without NATS and without a hub", async () => {
    const before = await transitions(stage);
    const agent = stage.sandbox.state.agents.find(({ cluster }) => cluster === "eu-1")?.name ?? "";
    const hub = stage.sandbox.state.hubs[0]?.name ?? "";
    for (const part of [agent, hub, "nats-server"]) await stage.sandbox.kill(part);
    target.forget();
    await stage.sandbox.restart(agent);
    await waitUntil({ what: "probes from eu-1", timeoutMs: 60_000 }, () => target.seen("/ok").filter(({ cluster }) => cluster === "eu-1").length >= 3);
    await stage.sandbox.restart("nats-server");
    await stage.sandbox.restart(hub);
    await untilRefreshed(stage, Date.now());
    expect(await transitions(stage)).toEqual(before);
  });
});

/** When each monitor's status last changed its verdict, and to what. */
async function transitions(stage: Stage): Promise<Record<string, string>> {
  const monitors = await stage.api.monitors("default");
  return Object.fromEntries(monitors.map(({ metadata, status }) => [metadata.name, `${status?.status} since ${status?.lastTransitionTime}, ${status?.healthy}`]));
}

/** Waits until every monitor's status knows results newer than `sinceMs`. */
async function untilRefreshed(stage: Stage, sinceMs: number): Promise<void> {
  for (const name of ["ok", "broken"]) {
    await stage.api.untilStatus(`default/${name}`, "refreshed", (status) => Date.parse(status.lastCheck ?? "") > sinceMs && (status.clusterResults ?? []).every((result) => Date.parse(result.timestamp ?? "") > sinceMs));
  }
}

/** Waits until every cluster has probed the healthy target `count` more times. */
async function untilProbed(target: Target, count: number): Promise<void> {
  target.forget();
  await waitUntil({ what: `${count} probes from each cluster`, timeoutMs: 90_000 }, () => {
    const seen = target.seen("/ok");
    return ["eu-1", "us-1", "ap-1"].every((id) => seen.filter(({ cluster }) => cluster === id).length >= count);
  });
}
