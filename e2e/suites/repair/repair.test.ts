import { ASSIGNMENT_STREAM, assignmentSubject, encodeHead, headSubject, parseHead } from "@sightline/shared/wire";
import { describe, expect, it } from "vitest";
import { storedAssignments } from "../../kit/assignment-log.ts";
import { connectAsHub } from "../../kit/hub-nats.ts";
import { monitor } from "../../kit/monitor.ts";
import { probedTwice, storedResults } from "../../kit/result-log.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { etcdStore, loseDisk, natsStore, type Store } from "../../kit/stores.ts";
import { withStage } from "../../kit/suite.ts";
import { answers, type Target } from "../../kit/target.ts";
import { waitUntil } from "../../kit/wait.ts";
import { CLUSTERS, HeldWatch, PROMISE_MS, restartAgent, untilRight } from "./support.ts";

const KEPT = ["kept-1", "kept-2", "kept-3"];
const INTERVAL_MS = 1000;

/** A cluster may miss a beat or two on a slow machine; a set that was dropped for a moment shows as a longer gap. */
const LONGEST_GAP_MS = 4 * INTERVAL_MS;

/**
 * Kubernetes is the truth, NATS a projection, and an agent drops nothing without evidence: whatever is lost comes right
 * again within 30 s, while every target is probed from everywhere all the time.
 */
describe("after a loss the assignments are right again, and nobody stopped probing", () => {
  let stage: Stage;
  let target: Target;
  let nats: Store;
  let etcd: Store;
  withStage(openStage, async (opened) => {
    stage = opened;
    ({ target } = opened);
    for (const name of KEPT) target.behave(`/${name}`, answers(200));
    target.behave("/late", answers(200));
    nats = natsStore(stage.sandbox);
    etcd = etcdStore(stage.sandbox);
    await stage.api.apply(...KEPT.map((name) => monitor(name, { url: target.url(`/${name}`) })));
    for (const name of KEPT) await stage.api.untilVerdict(`default/${name}`, "Healthy");
    await untilRight(stage);
    // The copies are older than the monitor `late`.
    await Promise.all([nats.keep(), etcd.keep()]);
    await stage.api.apply(monitor("late", { url: target.url("/late") }));
    await stage.api.untilVerdict("default/late", "Healthy");
  });

  it.each([
    ["the assignment stream was purged", () => request(`$JS.API.STREAM.PURGE.${ASSIGNMENT_STREAM}`)],
    ["the assignment stream was deleted", () => request(`$JS.API.STREAM.DELETE.${ASSIGNMENT_STREAM}`)],
    ["one assignment was edited by hand", async () => request(assignmentSubject("eu-1", await uidOf("kept-1")), '{"edited":"by hand"}')],
    ["one head was filled with rubbish", () => request(headSubject("us-1"), "rubbish")],
    ["one head was set forward by hand", () => setHeadForward("us-1")],
    ["an agent's consumer was deleted, and there is something new to read", () => deleteConsumer("eu-1")],
    ["NATS' store was set back to an older copy", () => nats.rollBack()],
  ])("when %s", async (_what, damage) => {
    await damageAndRepair(damage, new Set());
  });

  it("when an agent's disk was lost", async () => {
    await damageAndRepair(() => loseAndRestart("ap-1"), new Set(["ap-1"]));
  });

  it("when NATS' store was set back and an agent's disk was lost", async () => {
    await damageAndRepair(() => loseAndRestart("us-1", () => nats.rollBack()), new Set(["us-1"]));
  });

  it("when etcd was restored from an older snapshot: what it knows no longer is withdrawn, and nothing else", async () => {
    await damageAndRepair(() => etcd.rollBack(), new Set());
    expect((await stage.api.monitors()).map(({ metadata }) => metadata.name).toSorted()).toEqual(KEPT);
    await stage.api.apply(monitor("late", { url: target.url("/late") }));
    await stage.api.untilVerdict("default/late", "Healthy");
  });

  it("when etcd was restored and the assignment stream purged", async () => {
    await damageAndRepair(() => request(`$JS.API.STREAM.PURGE.${ASSIGNMENT_STREAM}`).then(() => etcd.rollBack()), new Set());
  });

  it("and no check was probed twice per interval in all this time", async () => {
    expect(probedTwice(await storedResults(stage.sandbox), INTERVAL_MS)).toEqual([]);
  });

  /** Does the damage, waits for the repair, and proves that the agents of all clusters but `lost` went on meanwhile. */
  async function damageAndRepair(damage: () => Promise<unknown>, lost: ReadonlySet<string>): Promise<void> {
    await untilRight(stage);
    target.forget();
    const begunAt = Date.now();
    const held = new HeldWatch(stage);
    await damage();
    const tookMs = await untilRight(stage);
    console.log(`right again after ${(tookMs / 1000).toFixed(1)} s`);
    await untilProbedSince(Date.now());
    const least = await held.end();
    expect(tookMs).toBeLessThan(PROMISE_MS);
    for (const cluster of CLUSTERS.filter((name) => !lost.has(name))) {
      expect(least.get(cluster)).toBeGreaterThanOrEqual(KEPT.length);
      for (const name of KEPT) expect(longestGap(name, cluster, begunAt)).toBeLessThan(LONGEST_GAP_MS);
    }
  }

  async function request(subject: string, payload = ""): Promise<void> {
    const connection = await connectAsHub(stage.sandbox);
    await connection.request(subject, payload);
    await connection.close();
  }

  async function uidOf(name: string): Promise<string> {
    return (await stage.api.monitor(`default/${name}`))?.metadata.uid ?? "";
  }

  async function setHeadForward(cluster: string): Promise<void> {
    const head = (await storedAssignments(stage.sandbox)).get(cluster)?.head;
    if (head === undefined) throw new Error(`${cluster} has no head`);
    const forged = encodeHead(cluster, { ...head, generation: head.generation + 1, count: 0, checksum: "0".repeat(64) });
    expect(parseHead(forged).count).toBe(0);
    await request(headSubject(cluster), new TextDecoder().decode(forged));
  }

  async function deleteConsumer(cluster: string): Promise<void> {
    await request(`$JS.API.CONSUMER.DELETE.${ASSIGNMENT_STREAM}.agent-${cluster}-0`);
    await stage.api.apply(monitor("newest", { url: target.url("/late") }));
  }

  async function loseAndRestart(cluster: string, meanwhile?: () => Promise<void>): Promise<void> {
    await loseDisk(stage.sandbox, cluster);
    await meanwhile?.();
    await restartAgent(stage, cluster);
  }

  async function untilProbedSince(sinceMs: number): Promise<void> {
    await waitUntil({ what: "every cluster to probe every target", timeoutMs: PROMISE_MS }, () =>
      KEPT.every((name) => CLUSTERS.every((cluster) => target.seen(`/${name}`).some((seen) => seen.cluster === cluster && seen.at > sinceMs))),
    );
  }

  function longestGap(name: string, cluster: string, begunAt: number): number {
    const times = [begunAt, ...target.seen(`/${name}`).filter((seen) => seen.cluster === cluster).map(({ at }) => at)];
    return Math.max(...times.map((at, index) => at - (times[index - 1] ?? at)));
  }
});
