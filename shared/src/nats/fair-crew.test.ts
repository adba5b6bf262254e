import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../testing/mod.ts";
import { FairCrew } from "./fair-crew.ts";

/** Jobs that last until they are let go. */
class Jobs {
  readonly begun: string[] = [];
  readonly #ends: (() => void)[] = [];

  of(name: string): () => Promise<void> {
    return () => {
      this.begun.push(name);
      return new Promise((resolve) => this.#ends.push(resolve));
    };
  }

  count(name: string): number {
    return this.begun.filter((one) => one === name).length;
  }

  async endAll(): Promise<void> {
    for (const end of this.#ends.splice(0)) end();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("a crew that works for parties who do not trust each other", () => {
  it("takes the job of one party at once, whatever waits of another", async () => {
    const [jobs, crew] = [new Jobs(), new FairCrew(new ManualClock())];
    for (let n = 0; n < 10_000; n += 1) crew.add("flood", jobs.of("flood"));
    expect(crew.add("eu-1", jobs.of("eu-1"))).toBe(true);
    expect(jobs.begun).toEqual(["flood", "eu-1"]);
    await jobs.endAll();
    expect(jobs.begun).toEqual(["flood", "eu-1", "flood"]);
  });

  it("gives each party its turn when there are more of them than it can serve at once", async () => {
    const [jobs, crew] = [new Jobs(), new FairCrew(new ManualClock())];
    const floods = Array.from({ length: 40 }, (_, n) => `flood-${n}`);
    for (const name of [...floods, ...floods, ...floods]) crew.add(name, jobs.of(name));
    crew.add("eu-1", jobs.of("eu-1"));
    for (let round = 0; round < 3; round += 1) await jobs.endAll();
    expect(jobs.begun).toContain("eu-1");
    for (const name of floods) expect(jobs.count(name), name).toBeLessThanOrEqual(2);
  });

  it("lets nobody ask more than ten times at once and once a second after that, nor keeps anybody from coming back", async () => {
    const clock = new ManualClock();
    const crew = new FairCrew(clock);
    let done = 0;
    const job = async (): Promise<void> => void (done += 1);
    const ask = async (times: number): Promise<void> => {
      for (let n = 0; n < times; n += 1) {
        crew.add("flood", job);
        await Promise.resolve();
        await clock.advance(0);
      }
    };
    await ask(50);
    expect(done).toBe(10);
    await clock.advance(5000);
    await ask(50);
    expect(done).toBe(15);
    await clock.advance(3_600_000);
    await ask(50);
    expect(done).toBe(25);
  });

  it("goes on after a job that fails, also one that fails at once", async () => {
    const crew = new FairCrew(new ManualClock());
    crew.add("a", () => Promise.reject(new Error("no connection")));
    let done = false;
    crew.add("a", async () => void (done = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toBe(true);
  });

  it("does nothing more when it is dismissed", async () => {
    const [jobs, crew] = [new Jobs(), new FairCrew(new ManualClock())];
    for (let n = 0; n < 3; n += 1) crew.add("a", jobs.of("a"));
    crew.dismiss();
    await jobs.endAll();
    expect(jobs.begun).toEqual(["a"]);
  });

  it("does what it took, once, one job of a party at a time, and sixteen in all", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(30), { maxLength: 300 }), async (names) => {
        const crew = new FairCrew(new ManualClock());
        const now = new Map<number, number>();
        const tally = { taken: 0, done: 0, running: 0, most: 0 };
        for (const name of names) {
          const job = async (): Promise<void> => {
            now.set(name, (now.get(name) ?? 0) + 1);
            expect(now.get(name)).toBe(1);
            tally.most = Math.max(tally.most, ++tally.running);
            await new Promise((resolve) => setImmediate(resolve));
            now.set(name, 0);
            tally.running -= 1;
            tally.done += 1;
          };
          if (crew.add(String(name), job)) tally.taken += 1;
        }
        while (tally.done < tally.taken) await new Promise((resolve) => setImmediate(resolve));
        expect(tally.most).toBeLessThanOrEqual(16);
      }),
      { numRuns: 50 },
    );
  });
});
