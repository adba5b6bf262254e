import { ManualClock } from "@sightline/shared/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS, WorkQueue, type WorkQueueLimits } from "./work-queue.ts";

function setUp(limits: Partial<WorkQueueLimits> = {}): { clock: ManualClock; queue: WorkQueue } {
  const clock = new ManualClock();
  return { clock, queue: new WorkQueue(clock, { ...DEFAULT_LIMITS, ...limits }) };
}

/** Takes everything that can be taken now, and says that it is done. */
async function drain(queue: WorkQueue): Promise<string[]> {
  const keys: string[] = [];
  while (queue.depth > 0) {
    const key = await queue.get();
    if (key === undefined) break;
    keys.push(key);
    queue.done(key);
  }
  return keys;
}

describe("a work queue", () => {
  it("gives keys in the order in which they were first added, each once", async () => {
    const { queue } = setUp();
    for (const key of ["b", "a", "b", "c", "a"]) queue.add(key);
    expect(queue.depth).toBe(3);
    expect(await drain(queue)).toEqual(["b", "a", "c"]);
  });

  it("hands a key to whoever asked first, when it comes", async () => {
    const { queue } = setUp();
    const first = queue.get();
    const second = queue.get();
    queue.add("a");
    queue.add("b");
    expect([await first, await second]).toEqual(["a", "b"]);
  });

  it("does not give a key again while it runs, and once more afterwards when it was added meanwhile", async () => {
    const { queue } = setUp();
    queue.add("a");
    expect(await queue.get()).toBe("a");
    queue.add("a");
    queue.add("a");
    expect(queue.depth).toBe(0);
    queue.done("a");
    expect(await drain(queue)).toEqual(["a"]);
  });

  it("forgets nothing that is added between done and the next get", async () => {
    const { queue } = setUp();
    queue.add("a");
    await queue.get();
    queue.done("a");
    queue.add("a");
    expect(await drain(queue)).toEqual(["a"]);
  });

  it.each([
    ["the earlier of two delays", [100, 50], 50],
    ["the earlier one also when it was asked for first", [50, 100], 50],
  ])("takes %s", async (_name, delays, expected) => {
    const { clock, queue } = setUp();
    for (const delay of delays) queue.addAfter("a", delay);
    expect(queue.delayed).toBe(1);
    await clock.advance(expected - 1);
    expect(queue.depth).toBe(0);
    await clock.advance(1);
    expect(await drain(queue)).toEqual(["a"]);
    await clock.advance(1000);
    expect(queue.depth).toBe(0);
  });

  it("adds at once where the delay is nothing", () => {
    const { queue } = setUp();
    queue.addAfter("a", 0);
    queue.addAfter("b", -5);
    expect(queue.depth).toBe(2);
  });

  it("keeps a delay that ends while its key runs for after that run", async () => {
    const { clock, queue } = setUp();
    queue.add("a");
    await queue.get();
    queue.addAfter("a", 10);
    await clock.advance(10);
    expect(queue.depth).toBe(0);
    queue.done("a");
    expect(queue.depth).toBe(1);
  });

  it("doubles the delay of a key's retries from 5 ms up to 1,000 s, and starts again when it is forgotten", () => {
    const { queue } = setUp({ burst: 1000 });
    const delays = Array.from({ length: 20 }, () => queue.addRateLimited("a"));
    expect(delays.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(delays[17]).toBe(5 * 2 ** 17);
    expect(delays.slice(18)).toEqual([1_000_000, 1_000_000]);
    expect(queue.failures("a")).toBe(20);
    expect(queue.addRateLimited("b")).toBe(5);
    queue.forget("a");
    expect(queue.addRateLimited("a")).toBe(5);
  });

  it("lets a burst of 100 retries through, then ten a second over all keys", async () => {
    const { clock, queue } = setUp();
    const delays = Array.from({ length: 120 }, (_, index) => queue.addRateLimited(`k${index}`));
    expect(delays.slice(0, 100).every((delay) => delay === 5)).toBe(true);
    expect(delays.slice(100).map((delay) => Math.round(delay))).toEqual(Array.from({ length: 20 }, (_, index) => (index + 1) * 100));
    await clock.advance(5);
    expect(queue.depth).toBe(100);
    await clock.advance(995);
    expect(queue.depth).toBe(110);
    await clock.advance(60_000);
    expect(queue.depth).toBe(120);
    expect(queue.addRateLimited("later")).toBe(5);
  });

  it("gives out what waits after a shutdown, then nothing, and takes nothing in", async () => {
    const { clock, queue } = setUp();
    queue.add("a");
    queue.addAfter("b", 10);
    queue.shutDown();
    queue.add("c");
    await clock.advance(10);
    expect(await queue.get()).toBe("a");
    expect(await queue.get()).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  it("releases those who wait when it is shut down", async () => {
    const { queue } = setUp();
    const waiting = [queue.get(), queue.get()];
    queue.shutDown();
    expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
  });
});

type Step =
  | { kind: "add" | "retry" | "finish" | "forget"; key: number }
  | { kind: "after"; key: number; delayMs: number }
  | { kind: "pass"; ms: number };

const key = fc.nat(4);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom("add", "retry", "finish", "forget"), key }),
  fc.record({ kind: fc.constant("after"), key, delayMs: fc.nat(200) }),
  fc.record({ kind: fc.constant("pass"), ms: fc.nat(300) }),
);

/** Watches a queue from outside: what was asked for and when it falls due, and in which order runs began. */
class Observer {
  readonly clock = new ManualClock();
  readonly queue = new WorkQueue(this.clock, DEFAULT_LIMITS);
  readonly running = new Set<string>();
  /** When each ask falls due that no run has answered yet. */
  readonly #due = new Map<string, number[]>();
  /** Keys asked for since their last run began. */
  readonly unanswered = new Set<string>();

  async apply(next: Step): Promise<void> {
    if (next.kind === "pass") await this.clock.advance(next.ms);
    else this.#act(next, `k${next.key}`);
    await this.take(3);
  }

  #act(next: Exclude<Step, { kind: "pass" }>, name: string): void {
    if (next.kind === "forget") this.queue.forget(name);
    else if (next.kind === "finish") this.finish(name);
    else this.#ask(name, this.clock.monotonic() + this.#add(next, name));
  }

  /** @returns after how many milliseconds the key falls due. */
  #add(next: Exclude<Step, { kind: "pass" }>, name: string): number {
    if (next.kind === "after") {
      this.queue.addAfter(name, next.delayMs, { routine: next.delayMs % 2 === 0 });
      return next.delayMs;
    }
    if (next.kind === "retry") {
      const least = Math.min(5 * 2 ** this.queue.failures(name), 1_000_000);
      const delay = this.queue.addRateLimited(name);
      expect(delay, "the back-off").toBeGreaterThanOrEqual(least);
      return delay;
    }
    this.queue.add(name);
    return 0;
  }

  #ask(name: string, at: number): void {
    this.#due.set(name, [...(this.#due.get(name) ?? []), at]);
    this.unanswered.add(name);
  }

  finish(name: string): void {
    if (this.running.delete(name)) this.queue.done(name);
  }

  /** Takes what is there while fewer than `workers` run. */
  async take(workers: number): Promise<void> {
    while (this.queue.depth > 0 && this.running.size < workers) {
      const name = await this.queue.get();
      if (name === undefined) return;
      const due = this.#due.get(name) ?? [];
      const now = this.clock.monotonic();
      expect(this.running.has(name), "runs twice at once").toBe(false);
      expect(due.some((at) => at <= now), "runs before its time, or unasked").toBe(true);
      this.#due.set(name, due.filter((at) => at > now));
      this.unanswered.delete(name);
      this.running.add(name);
    }
  }
}

describe("news and routine", () => {
  it("lets news go before what only its time brought back, and that at every eighth turn all the same", async () => {
    const { clock, queue } = setUp();
    const routine = ["r1", "r2", "r3"];
    for (const key of routine) queue.addAfter(key, 10, { routine: true });
    await clock.advance(10);
    const news = Array.from({ length: 10 }, (_none, n) => `n${n}`);
    for (const key of news) queue.add(key);
    expect(queue.depth).toBe(13);
    expect(await drain(queue)).toEqual([...news.slice(0, 7), "r1", ...news.slice(7), "r2", "r3"]);
  });

  it("makes news of routine that something happens to, while it waits or is delayed", async () => {
    const { clock, queue } = setUp();
    for (const key of ["r1", "r2", "r3"]) queue.addAfter(key, 10, { routine: true });
    queue.addAfter("r3", 50);
    await clock.advance(10);
    queue.add("r2");
    expect(await drain(queue)).toEqual(["r3", "r2", "r1"]);
  });
});

describe("a work queue under random interleavings", () => {
  it("never runs a key twice at once, never before its time, and answers every ask by a run that began after it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const observer = new Observer();
        for (const next of steps) await observer.apply(next);
        for (let round = 0; round < 3; round += 1) {
          for (const name of observer.running) observer.finish(name);
          await observer.clock.advance(1_100_000);
          await observer.take(Infinity);
        }
        expect([...observer.unanswered], "keys that were lost").toEqual([]);
        expect(observer.queue.depth + observer.queue.delayed).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
