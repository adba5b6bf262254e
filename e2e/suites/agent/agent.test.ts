import { assignmentSubject, parseResultBatch } from "@sightline/shared/wire";
import { describe, expect, it } from "vitest";

import { waitUntil } from "../../kit/wait.ts";
import { AgentBench, changeOf, CLUSTER, uidOf } from "./support.ts";

/** The agent alone, across the two accounts of a real nats-server, with a hub that is played by the test. */
describe("an agent", () => {
  const bench = new AgentBench();

  it("waits for streams and consumer to be made, then probes by the first complete set and reports", async () => {
    const hub = await bench.hub();
    const target = await bench.target();
    const agent = await bench.agent(await bench.dataDir());
    await waitUntil({ what: "the first heartbeat", timeoutMs: 10_000 }, () => hub.heartbeats.length > 0);
    expect(hub.heartbeats[0]).toMatchObject({ held: null, assignmentResets: 0 });
    const raw: string[] = [];
    hub.connection.subscribe("results.*.*", { callback: (_error, message) => void raw.push(message.string()) });
    await hub.prepare();
    await hub.assign([changeOf(1, target.url), changeOf(2, target.url)], 1);
    await hub.untilHeld();
    const results = await hub.untilResults(6);
    expect(results.every(({ success, statusCode }) => success && statusCode === 200)).toBe(true);
    // The first probe continues the trace of the change; later ones are traces of their own.
    const events = raw.flatMap((text) => parseResultBatch(Buffer.from(text)).events).filter(({ data }) => data.uid === uidOf(1));
    expect(events[0]?.traceparent).toMatch(new RegExp(`^00-${"1".padStart(32, "a")}-[0-9a-f]{16}-01$`));
    expect(events[1]?.traceparent).not.toContain("1".padStart(32, "a"));
    expect(agent.log).not.toContain("Permissions Violation");
    expect(await agent.end("SIGTERM")).toBe(0);
  });

  it("runs the other checks of a set in which one cannot be read", async () => {
    const hub = await bench.hub();
    const target = await bench.target();
    await hub.prepare();
    const change = changeOf(1, target.url);
    const [assignment] = change.wanted.values();
    if (assignment === undefined) throw new Error("no assignment");
    const unreadable = { ...changeOf(2, target.url), wanted: new Map([[CLUSTER, { ...assignment, uid: uidOf(2), check: { ...assignment.check, method: "not a method" } }]]) };
    await hub.assign([change, unreadable], 1);
    const agent = await bench.agent(await bench.dataDir());
    await hub.untilHeld();
    await hub.untilResults(3);
    expect(new Set(hub.results.map(({ uid }) => uid))).toEqual(new Set([uidOf(1)]));
    expect(agent.log).toContain("An assignment cannot be read and is not run");
  });

  it("notices that the assignment stream began anew, with lower sequences, and drops nothing meanwhile", async () => {
    const hub = await bench.hub();
    const target = await bench.target();
    await hub.prepare();
    for (let n = 1; n <= 5; n++) await hub.assign([changeOf(n, target.url)], 1);
    await bench.agent(await bench.dataDir());
    await hub.untilHeld();
    await hub.loseAssignments();
    // The rebuilt stream has fewer messages than the old one had, and so has its next change.
    await hub.assign([changeOf(1, target.url), changeOf(2, target.url)], 2);
    await hub.untilHeld();
    await hub.assign([changeOf(3, target.url)], 2);
    await hub.untilHeld();
    expect(hub.heartbeats.every(({ held }) => held === null || held.count >= 2)).toBe(true);
  });

  it("goes on from its disk when it is killed, also while NATS is away, and then loses no result", async () => {
    const hub = await bench.hub();
    const target = await bench.target();
    await hub.prepare();
    await hub.assign([changeOf(1, target.url), changeOf(2, target.url)], 1);
    const dataDir = await bench.dataDir();
    const first = await bench.agent(dataDir);
    await hub.untilHeld();
    await hub.untilResults(4);
    await bench.nats.kill("nats-server", "SIGTERM");
    const before = target.requests();
    await waitUntil({ what: "probes without NATS", timeoutMs: 20_000 }, () => target.requests() >= before + 4);
    await first.end("SIGKILL");
    const killed = target.requests();
    const second = await bench.agent(dataDir);
    await waitUntil({ what: "probes of the restarted agent", timeoutMs: 20_000 }, () => target.requests() >= killed + 4);
    expect(second.log).toContain('"checks":2');
    await bench.nats.restart("nats-server");
    await waitUntil({ what: "results of both lives", timeoutMs: 30_000 }, () => new Set(hub.results.map(({ agentEpoch }) => agentEpoch)).size === 2);
    // It publishes what waits before it ends; the numbers of each life then have no gap.
    expect(await second.end("SIGTERM")).toBe(0);
    const numbersOf = (epoch: number): number[] => [...new Set(hub.results.filter(({ agentEpoch }) => agentEpoch === epoch).map(({ sequence }) => sequence))].toSorted((a, b) => a - b);
    await waitUntil({ what: "all results, without a gap", timeoutMs: 20_000 }, () => {
      const lives = [...new Set(hub.results.map(({ agentEpoch }) => agentEpoch))].map(numbersOf);
      const arrived = lives.reduce((sum, numbers) => sum + numbers.length, 0);
      // A probe of each check may have been under way at either end: the target saw it, and it has no result.
      return arrived >= target.requests() - 4 && lives.every((numbers) => numbers.at(-1) === numbers.length);
    });
    for (const uid of [uidOf(1), uidOf(2)]) {
      const scheduled = [...new Set(hub.results.filter((result) => result.uid === uid).map(({ scheduledAt }) => scheduledAt))].toSorted((a, b) => a - b);
      expect(new Set(scheduled.slice(1).map((at) => at % 1000)).size).toBe(1);
    }
  });

  it("reads everything at once after a restart, although its former life had asked for messages too", async () => {
    const hub = await bench.hub();
    const target = await bench.target();
    await hub.prepare();
    await hub.assign(Array.from({ length: 50 }, (_none, n) => changeOf(n, target.url, 60_000)), 1);
    const first = await bench.agent(await bench.dataDir());
    await hub.untilHeld();
    await first.end("SIGKILL");
    hub.heartbeats.splice(0);
    await bench.agent(await bench.dataDir());
    await hub.untilHeld();
    expect(hub.heartbeats.at(-1)?.assignmentResets).toBe(1);
  });

  it("stops probing what is withdrawn, and probes what is changed at once", async () => {
    const hub = await bench.hub();
    const [target, other] = [await bench.target(), await bench.target()];
    await hub.prepare();
    await hub.assign([changeOf(1, target.url), changeOf(2, target.url)], 1);
    await bench.agent(await bench.dataDir());
    await hub.untilResults(2);
    await hub.assign([{ uid: uidOf(1), wanted: new Map() }, changeOf(2, other.url, 3_600_000)], 1);
    await hub.untilHeld();
    const stopped = target.requests();
    await waitUntil({ what: "the changed check's first probe", timeoutMs: 5000 }, () => other.requests() === 1);
    const [changed] = await hub.untilResults(1, ({ uid, endedAt }) => uid === uidOf(2) && endedAt > 0 && other.requests() > 0);
    expect(changed).toBeDefined();
    expect(target.requests()).toBeLessThanOrEqual(stopped);
    expect(assignmentSubject(CLUSTER, uidOf(1))).toContain(CLUSTER);
  });
});
