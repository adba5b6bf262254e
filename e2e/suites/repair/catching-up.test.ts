import { systemClock } from "@sightline/shared";
import type { MonitorChange } from "@sightline/shared/protocol";
import { describe, expect, it } from "vitest";
import { AgentBench, changeOf, type TestHub } from "../agent/support.ts";

/** Assignments that one batch changes, all of them: a set that mixes two batches would show at once. */
const KEYS = 400;
const EPOCH = 5;
/** How long the writer never rests. Longer than the agent's patience with a set that stays incomplete. */
const WRITING_MS = 20_000;

describe("an agent that is always catching up", () => {
  const bench = new AgentBench();

  it("never runs a mixed or partial set, and does not start over for ever", async () => {
    const hub = await bench.hub();
    await hub.prepare();
    const target = await bench.target();
    const committed = new Set<string>();
    // What is there before the agent begins: it starts behind, and the writer never rests from here on.
    for (let round = 1; round <= 3; round++) committed.add(await write(hub, target.url, round));
    const agent = await bench.agent(await bench.dataDir());
    const end = systemClock.monotonic() + WRITING_MS;
    let round = 4;
    while (systemClock.monotonic() < end) committed.add(await write(hub, target.url, round++));
    await hub.untilHeld();

    const held = hub.heartbeats.flatMap((heartbeat) => (heartbeat.held === null ? [] : [heartbeat.held]));
    console.log(`${round - 1} batches of ${KEYS}, ${new Set(held.map(({ generation }) => generation)).size} sets seen held, ${hub.heartbeats.at(-1)?.assignmentResets} resets`);
    expect(held.length).toBeGreaterThan(5);
    // Each set that it ever ran is one that was committed as a whole.
    for (const set of held) expect(committed).toContain(`${set.generation} ${set.count} ${set.checksum}`);
    // It never went back.
    expect(held.map(({ generation }) => generation)).toEqual(held.map(({ generation }) => generation).toSorted((a, b) => a - b));
    // One reset at the start, and a few more at most: each waits longer than the one before.
    expect(hub.heartbeats.at(-1)?.assignmentResets).toBeLessThanOrEqual(4);
    expect(agent.log).not.toContain('"level":"error"');
  });
});

/** Changes every assignment in one batch. @returns the head that sums it up. */
async function write(hub: TestHub, url: string, round: number): Promise<string> {
  const changes: MonitorChange[] = Array.from({ length: KEYS }, (_none, number) => changeOf(number + 1, `${url}${round}`, 3_600_000));
  await hub.assign(changes, EPOCH);
  const { generation, count, checksum } = hub.head;
  return `${generation} ${count} ${checksum}`;
}
