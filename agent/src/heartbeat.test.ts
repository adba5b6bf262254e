import { ManualClock } from "@sightline/shared/testing";
import { type Heartbeat, parseHeartbeat } from "@sightline/shared/wire";
import { describe, expect, it } from "vitest";
import { Heartbeats } from "./heartbeat.ts";

const facts = { agentEpoch: 7, agentVersion: "1", held: null, probesPerSecond: 0, outbox: { queued: 0, lost: 0 }, assignmentResets: 0 };

function bench(random: () => number): { clock: ManualClock; heartbeats: Heartbeats; sent: Heartbeat[]; open: () => void } {
  const [clock, sent] = [new ManualClock(1_000_000), new Array<Heartbeat>()];
  const heartbeats = new Heartbeats({ cluster: "eu-1", clock, random, intervalMs: () => 10_000, facts: () => facts });
  return { clock, heartbeats, sent, open: () => heartbeats.open((bytes) => sent.push(parseHeartbeat(bytes))) };
}

describe("heartbeats", () => {
  it.each([0, 0.5, 0.999])("come at once, and then every interval within 10 % (chance %d)", async (chance) => {
    const { clock, sent, open } = bench(() => chance);
    open();
    await clock.advance(60_000);
    expect(sent[0]).toMatchObject({ ...facts, sequence: 1, sentAt: 1_000_000, heartbeatIntervalMs: 10_000 });
    for (const [index, { sentAt, sequence }] of sent.entries()) {
      expect(sequence).toBe(index + 1);
      expect(sentAt).toBeGreaterThanOrEqual(1_000_000 + index * 9000);
      expect(sentAt).toBeLessThanOrEqual(1_000_000 + index * 11_000);
    }
    expect(sent.length).toBeGreaterThanOrEqual(6);
  });

  it("come at once when asked for and after a reconnect, and not without a link", async () => {
    const { clock, heartbeats, sent, open } = bench(() => 0.5);
    heartbeats.beat();
    expect(sent).toEqual([]);
    open();
    heartbeats.beat();
    expect(sent).toHaveLength(2);
    await clock.advance(9999);
    heartbeats.shut();
    await clock.advance(60_000);
    expect(sent).toHaveLength(2);
    open();
    expect(sent.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });
});
