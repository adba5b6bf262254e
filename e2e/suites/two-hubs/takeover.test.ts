import { describe, expect, it } from "vitest";
import { scrape, select, sum } from "../../kit/metrics.ts";
import { monitor } from "../../kit/monitor.ts";
import { activeHub, roleOf } from "../../kit/sandbox.ts";
import { answers } from "../../kit/target.ts";
import { events, leaseHolder, otherHub, transitions, twoHubs, untilRefreshed, untilStandby } from "./support.ts";

const LEADERSHIP = "controller_leader_election_status";

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

describe("of two hubs", () => {
  const { stage, target } = twoHubs();

  it("one leads and one stands by, both are ready, and the metrics say which is which", async () => {
    const active = await activeHub(stage());
    const standby = otherHub(stage(), active.name);
    expect(await roleOf(active)).toEqual({ role: "active", ready: true });
    expect(await roleOf(standby)).toEqual({ role: "standby", ready: true });
    const [led, waiting] = await Promise.all([scrape(active.metrics), scrape(standby.metrics)]);
    const controllers = ["clusterregistration", "httpmonitor-status", "multicluster-httpmonitor"];
    const shown = (samples: typeof led): Record<string, number> => Object.fromEntries(select(samples, LEADERSHIP).map(({ labels, value }) => [labels["controller"] ?? "", value]));
    expect(shown(led)).toEqual(Object.fromEntries(controllers.map((name) => [name, 1])));
    expect(shown(waiting)).toEqual(Object.fromEntries(controllers.map((name) => [name, 0])));
    expect(select(led, "httpmonitor_status", { monitor: "m-0" })).toHaveLength(4);
    expect(select(waiting, "httpmonitor_status")).toEqual([]);
    expect((await leaseHolder(stage())).startsWith(`${active.name}/`)).toBe(true);
  });

  it("the other takes over when the active one is killed, and nobody sees a change that was none", async () => {
    const active = await activeHub(stage());
    const heir = otherHub(stage(), active.name);
    await untilStandby(heir);
    const before = { transitions: await transitions(stage()), events: await events(stage()) };
    const killedAt = Date.now();
    await stage().sandbox.kill(active.name);
    await activeHub(stage(), active.name);
    const leadsAfter = Date.now() - killedAt;
    await untilRefreshed(stage(), Date.now());
    console.log(`killed with -9: the other hub led after ${seconds(leadsAfter)}, every status was fresh after ${seconds(Date.now() - killedAt)}`);
    expect(await transitions(stage())).toEqual(before.transitions);
    expect(await events(stage())).toEqual(before.events);
    expect(sum(await scrape(heir.metrics), "httpmonitor_transitions_total")).toBe(0);
    target().behave("/new", answers(200));
    await stage().api.apply(monitor("new", { url: target().url("/new") }));
    expect((await stage().api.untilVerdict("default/new", "Healthy")).healthy).toBe("3/3");
    await stage().sandbox.restart(active.name);
    await untilStandby(otherHub(stage(), heir.name));
  });

  it("the other takes over at once when the active one is asked to end", async () => {
    const active = await activeHub(stage());
    await untilStandby(otherHub(stage(), active.name));
    const before = await transitions(stage());
    const askedAt = Date.now();
    await stage().sandbox.kill(active.name, "SIGTERM");
    expect((await leaseHolder(stage())).startsWith(`${active.name}/`)).toBe(false);
    await activeHub(stage(), active.name);
    const leadsAfter = Date.now() - askedAt;
    await untilRefreshed(stage(), Date.now());
    console.log(`ended in good order: the other hub led after ${seconds(leadsAfter)}, every status was fresh after ${seconds(Date.now() - askedAt)}`);
    expect(await transitions(stage())).toEqual(before);
    await stage().sandbox.restart(active.name);
  });
});
