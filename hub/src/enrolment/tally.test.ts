import { ManualClock } from "@sightline/shared/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { Tally } from "./tally.ts";

const MINUTE_MS = 60_000;
let clock: ManualClock;
let told: string[];
let failures: unknown[];
let failure: Error | undefined;
let tally: Tally<string>;

beforeEach(() => {
  clock = new ManualClock();
  told = [];
  failures = [];
  failure = undefined;
  const tell = async (last: string, count: number): Promise<void> => {
    if (failure !== undefined) throw failure;
    told.push(`${count} ${last}`);
  };
  tally = new Tally({ clock, tell, onFailure: (error) => void failures.push(error) });
});

async function add(times: number, kind = "a"): Promise<void> {
  for (let n = 1; n <= times; n += 1) await tally.add(kind, `${kind}${n}`);
}

describe("a tally", () => {
  it("tells of each while they are few", async () => {
    await add(2);
    await clock.advance(MINUTE_MS);
    await add(3);
    expect(told).toEqual(["1 a1", "1 a2", "1 a1", "1 a2", "1 a3"]);
  });

  it("tells of thousands by their number, once a minute, and loses none", async () => {
    for (let minute = 0; minute < 10; minute += 1) {
      await add(5000);
      await clock.advance(MINUTE_MS);
    }
    expect(told).toEqual(["1 a1", "1 a2", "1 a3", "4997 a5000", ...Array.from({ length: 9 }, () => "5000 a5000")]);
    await clock.advance(MINUTE_MS);
    await add(1);
    expect(told.at(-1)).toBe("1 a1");
    expect(clock.pending).toBe(1);
  });

  it("hides nothing of another kind", async () => {
    await add(5000);
    await add(1, "b");
    expect(told.at(-1)).toBe("1 b1");
  });

  it("has a bound on kinds, and tells of those beyond it too", async () => {
    for (let n = 0; n < 30_000; n += 1) await tally.add(`made-up-${n}`, String(n));
    expect(clock.pending).toBeLessThanOrEqual(10_001);
    await clock.advance(MINUTE_MS);
    expect(told.reduce((sum, line) => sum + Number(line.split(" ")[0]), 0)).toBe(30_000);
  });

  it("tells of the rest when it is closed, and waits for nothing then", async () => {
    await add(10);
    await tally.close();
    expect(told.at(-1)).toBe("7 a10");
    expect(clock.pending).toBe(0);
  });

  it("lets who waits know that it cannot be told, and says so of the rest", async () => {
    failure = new Error("disk full");
    await expect(tally.add("a", "a1")).rejects.toThrow("disk full");
    failure = undefined;
    await add(5);
    failure = new Error("disk full");
    await clock.advance(MINUTE_MS);
    expect(failures).toEqual([failure]);
  });
});
