import { describe, expect, it } from "vitest";
import { activeHub, roleOf } from "../../kit/sandbox.ts";
import { waitUntil } from "../../kit/wait.ts";
import { events, transitions, twoHubs, untilRefreshed, untilStandby, otherHub } from "./support.ts";

describe("two hubs without an API server", () => {
  const { stage } = twoHubs();

  it("neither leads once the lease has run out; when it answers again exactly one does, and no verdict has changed", async () => {
    const before = { transitions: await transitions(stage()), events: await events(stage()) };
    const { hubs } = stage().sandbox.state;
    await stage().sandbox.kill("kube-apiserver", "SIGSTOP");
    await waitUntil({ what: "both hubs to lead no more", timeoutMs: 60_000 }, async () => {
      const roles = await Promise.all(hubs.map((hub) => roleOf(hub)));
      return roles.every(({ role, ready }) => role === "standby" && !ready);
    });
    await stage().sandbox.kill("kube-apiserver", "SIGCONT");
    const active = await activeHub(stage());
    await untilStandby(otherHub(stage(), active.name));
    await untilRefreshed(stage(), Date.now());
    expect((await Promise.all(hubs.map((hub) => roleOf(hub)))).map(({ role }) => role).toSorted()).toEqual(["active", "standby"]);
    expect(await transitions(stage())).toEqual(before.transitions);
    expect(await events(stage())).toEqual(before.events);
  });
});
