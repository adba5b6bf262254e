import { headsSignedBy, newSigningKey } from "@sightline/shared/identity";
import { describe, expect, it } from "vitest";
import { storedAssignments } from "../../kit/assignment-log.ts";
import { sum } from "../../kit/metrics.ts";
import { monitor } from "../../kit/monitor.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { withStage } from "../../kit/suite.ts";
import { answers, type Target } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";
import { CLUSTERS, heldBy, untilRight } from "../repair/support.ts";
import { forgeStore, storedHeads, TRAP_UIDS } from "./support.ts";

/** NATS is not trusted: whoever may write whatever they like into it makes no agent probe anything, and stops no hub. */
describe("a wholly rewritten NATS store", () => {
  let stage: Stage;
  let target: Target;
  withStage(openStage, async (opened) => {
    stage = opened;
    ({ target } = opened);
    for (const path of ["/kept", "/trap"]) target.behave(path, answers(200));
    await stage.api.apply(monitor("kept", { url: target.url("/kept") }));
    await stage.api.untilVerdict("default/kept", "Healthy");
    await untilRight(stage);
  });

  it("(heads and assignments forged without the hub's key) makes no agent probe anything new", async () => {
    const { name: hub } = stage.sandbox.state.hubs[0] ?? { name: "" };
    const before = await storedAssignments(stage.sandbox);
    const genuine = await storedHeads(stage.sandbox);
    await stage.sandbox.kill(hub);
    const farEpoch = Math.max(...[...before.values()].map((set) => set.head?.epoch ?? 0)) + 86_400_000;

    // Once with a key of the forger's own, once with the hub's signatures over its former heads, once with none at all.
    for (const [step, signatures] of [newSigningKey("hub").key, genuine, undefined].entries()) {
      await forgeStore(stage.sandbox, { url: target.url("/trap"), epoch: farEpoch + step, signatures });
      await untilRefused(step + 1);
    }
    await untilProbedSince(Date.now());
    for (const cluster of CLUSTERS) expect(await heldBy(stage, cluster)).toMatchObject({ epoch: before.get(cluster)?.head?.epoch, assignments: 1 });
    expect(target.seen("/trap")).toEqual([]);

    // An agent that starts now has nothing but its disk, and what was forged.
    await stage.sandbox.restart("agent-eu-1");
    await untilProbedSince(Date.now());
    expect(target.seen("/trap")).toEqual([]);

    await stage.sandbox.restart(hub);
    await untilRight(stage);
    await untilProbedSince(Date.now());
    expect(target.seen("/trap")).toEqual([]);
  });

  it("is written over by the hub that finds it: its keys are gone, its epoch fenced nobody, and heads are the hub's again", async () => {
    const isAuthentic = headsSignedBy(() => [stage.sandbox.nats.installation.hubSigning]);
    for (const head of (await storedHeads(stage.sandbox)).values()) expect(isAuthentic(head)).toBe(true);
    for (const { uids, head } of (await storedAssignments(stage.sandbox)).values()) {
      expect(TRAP_UIDS.filter((uid) => uids.has(uid))).toEqual([]);
      expect(head?.epoch).toBeLessThan(Date.now() + 60_000);
    }
    await stage.api.apply(monitor("new", { url: target.url("/kept") }));
    await stage.api.untilVerdict("default/new", "Healthy");
  });

  /** Every agent has been shown a forged head, `times` in all. */
  async function untilRefused(times: number): Promise<void> {
    await waitUntil({ what: "every agent to refuse what was forged", timeoutMs: 30_000 }, async () => {
      const refused = await Promise.all(CLUSTERS.map(async (cluster) => sum(await stage.agentMetrics(cluster), "sightline_agent_heads_forged_total")));
      return refused.every((count) => count >= times);
    });
  }

  /** The old set goes on being probed, from everywhere. */
  async function untilProbedSince(sinceMs: number): Promise<void> {
    await waitUntil({ what: "every cluster to probe what it should", timeoutMs: 30_000 }, () =>
      CLUSTERS.every((cluster) => target.seen("/kept").some((seen) => seen.cluster === cluster && seen.at > sinceMs)),
    );
  }
});
