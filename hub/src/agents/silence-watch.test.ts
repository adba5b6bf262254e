import { ManualClock } from "@sightline/shared/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { heartbeat } from "../testing/heartbeats.ts";
import { Heartbeats } from "./heartbeats.ts";
import { watchSilence } from "./silence-watch.ts";

let clock: ManualClock;
let heartbeats: Heartbeats;
let hears: boolean;
let asked: number;
let stopping: AbortController;
let watching: Promise<void>;

beforeEach(() => {
  clock = new ManualClock();
  hears = true;
  asked = 0;
  heartbeats = new Heartbeats(clock, () => undefined);
  heartbeats.register("eu-1", { intervalMs: 10_000, graceMs: 30_000 });
  stopping = new AbortController();
  const canHear = (): Promise<boolean> => {
    asked += 1;
    return Promise.resolve(hears);
  };
  watching = watchSilence({ heartbeats, clock, canHear }, stopping.signal);
});

afterEach(async () => {
  stopping.abort();
  await watching;
  expect(clock.pending).toBe(0);
});

const available = (): boolean | undefined => heartbeats.get("eu-1")?.available;

describe("the watch over silence", () => {
  it("has a cluster judged when its time is up, and asks for a sign of life only then", async () => {
    await clock.advance(39_999);
    expect([available(), asked]).toEqual([true, 0]);
    await clock.advance(2);
    expect([available(), asked]).toEqual([false, 1]);
  });

  it("calls nobody silent while NATS gives no sign of life, and starts everybody's time anew when it does", async () => {
    hears = false;
    await clock.advance(300_000);
    expect(available()).toBe(true);
    hears = true;
    await clock.advance(1000);
    const heardAt = clock.monotonic();
    while (available() === true) await clock.advance(1000);
    expect(clock.monotonic() - heardAt).toBeGreaterThanOrEqual(39_000);
    expect(clock.monotonic() - heardAt).toBeLessThanOrEqual(42_000);
  });

  it("notices a cluster that comes into being later", async () => {
    await clock.advance(60_000);
    heartbeats.heartbeat("eu-1", heartbeat({ sentAt: clock.now() }));
    expect(available()).toBe(true);
    await clock.advance(41_001);
    expect(available()).toBe(false);
  });
});
