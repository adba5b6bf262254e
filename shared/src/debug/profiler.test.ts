import { gunzipSync } from "node:zlib";
import { Profile } from "pprof-format";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../clock.ts";
import { ManualClock } from "../testing/mod.ts";
import { Profiler } from "./profiler.ts";

const NEVER = new AbortController().signal;

function functionsIn(profile: Uint8Array): string[] {
  const { function: functions, stringTable } = Profile.decode(gunzipSync(profile));
  return functions.map(({ name }) => stringTable.strings[Number(name)] ?? "");
}

describe("the profiler", () => {
  let profiler: Profiler;
  beforeEach(async () => {
    profiler = new Profiler(systemClock);
    await profiler.start();
  });
  afterEach(() => profiler.close());

  it("finds the function that keeps the CPU busy", async () => {
    const taken = profiler.cpu(1, NEVER);
    const ended = new AbortController();
    void taken.finally(() => ended.abort());
    while (!ended.signal.aborted) {
      burnTheCpu();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(functionsIn(await taken)).toContain("burnTheCpu");
  });

  it("finds the function that allocated what is kept", async () => {
    const kept = keepMemory();
    expect(functionsIn(await profiler.heap({ collect: true }))).toContain("keepMemory");
    expect(kept).toHaveLength(200_000);
  });

  it("traces what V8 did", async () => {
    const trace = profiler.trace(1, NEVER);
    keepMemory();
    expect(JSON.parse(await trace)).toHaveProperty("traceEvents.0.ph");
  });

  it("takes one at a time, and the next one after it", async () => {
    const gone = new AbortController();
    const first = profiler.cpu(60, gone.signal);
    await expect(profiler.trace(1, NEVER)).rejects.toMatchObject({ code: "PROFILE_RUNNING" });
    gone.abort();
    await expect(first).rejects.toMatchObject({ code: "PROFILE_ABORTED" });
    await expect(profiler.cpu(1, NEVER)).resolves.toBeInstanceOf(Uint8Array);
  });

  it("measures for as long as its clock says", async () => {
    const clock = new ManualClock();
    const timed = new Profiler(clock);
    await timed.start();
    let done = false;
    const taken = timed.cpu(30, NEVER).finally(() => (done = true));
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(done).toBe(false);
    await clock.advance(30_000);
    await expect(taken).resolves.toBeInstanceOf(Uint8Array);
    timed.close();
  });
});

function burnTheCpu(): void {
  const until = systemClock.monotonic() + 20;
  while (systemClock.monotonic() < until) JSON.parse(JSON.stringify({ a: [1, 2, 3] }));
}

function keepMemory(): object[] {
  return Array.from({ length: 200_000 }, (_, index) => ({ index, text: `number ${index}` }));
}
