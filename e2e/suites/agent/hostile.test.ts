import { monitorEventLoopDelay } from "node:perf_hooks";

import type { MonitorChange } from "@sightline/shared/protocol";
import type { ProbeResult } from "@sightline/shared/wire";
import { afterAll, describe, expect, it } from "vitest";

import { waitUntil } from "../../kit/wait.ts";
import { startHostileTargets } from "./hostile-targets.ts";
import { AgentBench, changeOf, uidOf } from "./support.ts";

const EACH = 50;
/** Of every probe, milliseconds (`changeOf`). */
const TIMEOUT_MS = 1000;
const HOSTILE_INTERVAL_MS = 3000;
/** The default of a monitor. */
const GOOD_INTERVAL_MS = 30_000;
/** What any of them may end with where all of this machine is busy. */
const OUT_OF_TIME = new Set(["TIMEOUT", "CONNECT_TIMEOUT"]);
/** 50 MB are borne of one kind; here all seven come at once. */
const RSS_GROWTH = 100 * 1024 ** 2;

describe("F19: hostile targets", () => {
  const bench = new AgentBench();
  let hostile: Awaited<ReturnType<typeof startHostileTargets>> | undefined;
  afterAll(() => hostile?.close());

  it("hold up neither the agent nor the probes of others, 50 of each kind at once", async () => {
    hostile = await startHostileTargets();
    const hub = await bench.hub();
    const target = await bench.target();
    await hub.prepare();
    const good = (from: number): MonitorChange[] => Array.from({ length: EACH }, (_none, n) => changeOf(from + n, target.url, GOOD_INTERVAL_MS));
    await hub.assign(good(1), 1);
    const agent = await bench.agent(await bench.dataDir());
    await hub.untilResults(EACH);
    const before = await agent.figure("process_resident_memory_bytes");

    const kinds = [...hostile.targets];
    const kindOf = new Map(kinds.flatMap(([kind], k) => Array.from({ length: EACH }, (_none, n): [string, string] => [uidOf(1000 * (k + 1) + n), kind])));
    const bad = kinds.flatMap(([, { url }], k) => Array.from({ length: EACH }, (_none, n) => changeOf(1000 * (k + 1) + n, url, HOSTILE_INTERVAL_MS)));
    await hub.assign([...bad, ...good(EACH + 1)], 1);
    const beside = new Set(Array.from({ length: EACH }, (_none, n) => uidOf(EACH + 1 + n)));
    const isHostile = ({ uid }: ProbeResult): boolean => kindOf.has(uid);
    const isBeside = ({ uid }: ProbeResult): boolean => beside.has(uid);
    // How late this machine wakes anybody meanwhile: what is more than that is the agent's doing.
    const delay = monitorEventLoopDelay();
    delay.enable();
    let most = before;
    await waitUntil({ what: "two probes of each hostile target, and one of each other", timeoutMs: 60_000 }, async () => {
      most = Math.max(most, await agent.figure("process_resident_memory_bytes"));
      return hub.results.filter(isHostile).length >= 2 * EACH * kinds.length && hub.results.filter(isBeside).length >= EACH;
    });
    delay.disable();

    const probes = hub.results.filter(isHostile);
    for (const [kind, { codes }] of kinds) {
      const found = new Set(probes.filter(({ uid }) => kindOf.get(uid) === kind).map(({ error }) => error?.code ?? ""));
      expect([kind, [...found].filter((code) => !codes.includes(code) && !OUT_OF_TIME.has(code))]).toEqual([kind, []]);
    }
    const longest = Math.max(...probes.map(({ durationMs }) => durationMs));
    const late = p99(hub.results.filter(isBeside).map(({ endedAt, durationMs, scheduledAt }) => endedAt - durationMs - scheduledAt));
    const machine = { most: delay.max / 1e6, p99: delay.percentile(99) / 1e6 };
    console.log(`hostile targets: the longest of ${probes.length} probes took ${longest.toFixed(0)} ms, others were ${late.toFixed(0)} ms late (p99; this machine is ${machine.p99.toFixed(0)} ms), memory grew by ${((most - before) / 1024 ** 2).toFixed(0)} MiB`);
    expect(longest).toBeLessThanOrEqual(TIMEOUT_MS + 1000 + machine.most);
    expect(late).toBeLessThan(0.1 * GOOD_INTERVAL_MS + machine.p99);
    expect(most - before).toBeLessThan(RSS_GROWTH);
  });
});

function p99(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(0.99 * values.length) - 1] ?? Number.NaN;
}
