import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@sightline/shared/telemetry";
import { ManualClock } from "@sightline/shared/testing";
import { partitionOf } from "@sightline/shared/wire";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Outbox, type OutboxOptions } from "./outbox.ts";

interface Record {
  uid: string;
  n: number;
}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sightline-outbox-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** A stream that stores what is published, and refuses when told so. */
class FakeStream {
  readonly batches: { partition: number; records: Record[] }[] = [];
  failing = false;
  inFlight = 0;
  mostPerPartition = 0;
  readonly #open = new Map<number, number>();

  readonly publish = async (partition: number, batch: Uint8Array): Promise<void> => {
    const open = (this.#open.get(partition) ?? 0) + 1;
    this.#open.set(partition, open);
    this.mostPerPartition = Math.max(this.mostPerPartition, open);
    await Promise.resolve();
    this.#open.set(partition, open - 1);
    if (this.failing) throw new Error("no responders");
    this.batches.push({ partition, records: recordsIn(batch) });
  };

  get records(): Record[] {
    return this.batches.flatMap(({ records }) => records);
  }
}

function recordsIn(batch: Uint8Array): Record[] {
  const parsed: unknown = JSON.parse(new TextDecoder().decode(batch));
  if (!Array.isArray(parsed)) throw new TypeError("not a batch");
  return parsed.filter((one): one is Record => typeof one === "object" && one !== null && "uid" in one && "n" in one);
}

function newOutbox(clock: ManualClock, limits?: OutboxOptions["limits"]): Outbox {
  return new Outbox({ directory, clock, random: () => 0.5, log: silentLogger, ...(limits === undefined ? {} : { limits }) });
}

const UIDS = Array.from({ length: 6 }, (_none, n) => `00000000-0000-4000-8000-00000000000${n}`);
const [A = "", B = ""] = UIDS;

function add(outbox: Outbox, uid: string, n: number, urgent = false): void {
  outbox.add(uid, JSON.stringify({ uid, n }), { urgent, lingerMs: 60_000 });
}

describe("an open outbox", () => {
  it("lets a result wait 2 s for others, and publishes an urgent one at once with those before it", async () => {
    const [clock, stream] = [new ManualClock(), new FakeStream()];
    const outbox = newOutbox(clock);
    outbox.open(stream.publish);
    add(outbox, A, 1);
    await clock.advance(1990);
    expect(stream.batches).toEqual([]);
    await clock.advance(20);
    expect(stream.records).toEqual([{ uid: A, n: 1 }]);
    add(outbox, A, 2);
    add(outbox, A, 3, true);
    await clock.advance(0);
    expect(stream.batches).toHaveLength(2);
    expect(stream.batches[1]).toEqual({ partition: partitionOf(A), records: [{ uid: A, n: 2 }, { uid: A, n: 3 }] });
    expect(outbox.queued).toBe(0);
  });

  it("lets the result of a quick check wait no longer than it may, and takes along what waits", async () => {
    const [clock, stream] = [new ManualClock(), new FakeStream()];
    const outbox = newOutbox(clock);
    outbox.open(stream.publish);
    add(outbox, A, 1);
    outbox.add(A, JSON.stringify({ uid: A, n: 2 }), { urgent: false, lingerMs: 500 });
    await clock.advance(490);
    expect(stream.batches).toEqual([]);
    await clock.advance(20);
    expect(stream.batches).toEqual([{ partition: partitionOf(A), records: [{ uid: A, n: 1 }, { uid: A, n: 2 }] }]);
  });

  it("sends as soon as 50 wait in a partition", async () => {
    const [clock, stream] = [new ManualClock(), new FakeStream()];
    const outbox = newOutbox(clock);
    outbox.open(stream.publish);
    for (let n = 0; n < 120; n++) add(outbox, A, n);
    await clock.advance(0);
    expect(stream.batches.map(({ records }) => records.length)).toEqual([50, 50, 20]);
    expect(stream.mostPerPartition).toBe(1);
  });

  it("sends again what was not acknowledged, in order, with a back-off", async () => {
    const [clock, stream] = [new ManualClock(), new FakeStream()];
    const outbox = newOutbox(clock);
    outbox.open(stream.publish);
    stream.failing = true;
    add(outbox, A, 1, true);
    add(outbox, A, 2, true);
    await clock.advance(60_000);
    expect(outbox.queued).toBe(2);
    stream.failing = false;
    await clock.advance(10_000);
    expect(stream.records.map(({ n }) => n)).toEqual([1, 2]);
    expect([outbox.queued, outbox.lost]).toEqual([0, 0]);
  });
});

describe("across an outage and a crash", () => {
  it("replays in order what was not published", async () => {
    const clock = new ManualClock();
    const before = newOutbox(clock);
    for (let n = 0; n < 30; n++) add(before, n % 2 === 0 ? A : B, n, n % 7 === 0);
    // Killed: nothing is closed.
    const after = newOutbox(clock);
    expect(after.queued).toBe(30);
    add(after, A, 100);
    const stream = new FakeStream();
    after.open(stream.publish);
    await clock.advance(3000);
    expect(stream.records.filter(({ uid }) => uid === A).map(({ n }) => n)).toEqual([...Array.from({ length: 15 }, (_none, n) => 2 * n), 100]);
    expect(after.queued).toBe(0);
  });

  it("counts a torn last record as lost, and keeps the others", async () => {
    const clock = new ManualClock();
    const before = newOutbox(clock);
    for (let n = 0; n < 3; n++) add(before, A, n);
    const [file = ""] = readdirSync(directory);
    truncateSync(join(directory, file), statSync(join(directory, file)).size - 5);
    const after = newOutbox(clock);
    expect([after.queued, after.lost]).toEqual([2, 1]);
    add(after, A, 3);
    expect([newOutbox(clock).queued, newOutbox(clock).lost]).toEqual([3, 1]);
    const stream = new FakeStream();
    after.open(stream.publish);
    await clock.advance(3000);
    expect(stream.records.map(({ n }) => n)).toEqual([0, 1, 3]);
  });

  it("leaves nothing on disk after a clean end, and all of it when the hub cannot be reached", async () => {
    const [clock, stream] = [new ManualClock(), new FakeStream()];
    const reached = newOutbox(clock);
    reached.open(stream.publish);
    add(reached, A, 1);
    const closing = reached.close(4000);
    await clock.advance(0);
    await closing;
    expect(stream.records).toHaveLength(1);
    expect(readdirSync(directory)).toEqual([]);
    const cutOff = newOutbox(clock);
    add(cutOff, A, 2);
    await cutOff.close(4000);
    expect(newOutbox(clock).queued).toBe(1);
  });

  it("ends within its time when the hub does not answer", async () => {
    const clock = new ManualClock();
    const outbox = newOutbox(clock);
    outbox.open(() => new Promise<void>(() => undefined));
    add(outbox, A, 1);
    const closing = outbox.close(4000);
    await clock.advance(4000);
    await closing;
    expect(newOutbox(clock).queued).toBe(1);
  });
});

describe("a disk that fails", () => {
  it("costs nothing while there is room in memory", async () => {
    const [clock, stream] = [new ManualClock(), new FakeStream()];
    const outbox = newOutbox(clock, { maxBytes: 4000, segmentBytes: 500, maxInMemory: 20 });
    rmSync(directory, { recursive: true });
    for (let n = 0; n < 30; n++) add(outbox, A, n);
    expect([outbox.queued, outbox.lost]).toEqual([20, 10]);
    outbox.open(stream.publish);
    await clock.advance(3000);
    expect(stream.records.map(({ n }) => n)).toEqual(Array.from({ length: 20 }, (_none, n) => n));
    mkdirSync(directory);
    add(outbox, A, 100, true);
    await clock.advance(0);
    expect(stream.records.at(-1)).toEqual({ uid: A, n: 100 });
    await outbox.close(0);
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe("a full outbox", () => {
  it("gives up the oldest results, and counts them", async () => {
    const clock = new ManualClock();
    const outbox = newOutbox(clock, { maxBytes: 4000, segmentBytes: 500, maxInMemory: 20 });
    for (let n = 0; n < 500; n++) add(outbox, UIDS[n % 6] ?? "", n);
    expect(outbox.queued + outbox.lost).toBe(500);
    expect(outbox.lost).toBeGreaterThan(400);
    const bytes = readdirSync(directory).reduce((sum, file) => sum + statSync(join(directory, file)).size, 0);
    expect(bytes).toBeLessThanOrEqual(4500);
    const stream = new FakeStream();
    outbox.open(stream.publish);
    await clock.advance(10_000);
    expect(stream.records.map(({ n }) => n).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 500 - outbox.lost }, (_none, index) => outbox.lost + index));
  });
});

function burst(times: number): Step {
  return { kind: "add", uid: A, urgent: false, times };
}

describe("a full outbox that crashes while it sends", () => {
  it("still has what was neither stored nor counted as lost", async () => {
    const world = new World({ maxBytes: 3000, segmentBytes: 600, maxInMemory: 25 });
    for (const step of [burst(26), { kind: "open" }, { kind: "fail" }, burst(55), { kind: "crash" }] satisfies Step[]) await world.step(step);
    const { added, lost, stream } = await world.end();
    expect(new Set(stream.records.map(({ n }) => n)).size + lost).toBeGreaterThanOrEqual(added);
  });
});

describe("whatever happens", () => {
  /** What can happen to an outbox, step by step. */
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant("add" as const), uid: fc.constantFrom(...UIDS), urgent: fc.boolean(), times: fc.integer({ min: 1, max: 40 }) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 5000 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("open" as const, "shut" as const, "fail" as const, "heal" as const, "crash" as const) }) },
  );

  it.each([
    ["with room", undefined],
    ["with little memory", { maxBytes: 10_000_000, segmentBytes: 600, maxInMemory: 25 }],
    ["with little disk", { maxBytes: 3000, segmentBytes: 600, maxInMemory: 25 }],
  ])("%s, each result is published, in order, or counted as lost", async (_what, limits) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        rmSync(directory, { recursive: true, force: true });
        const world = new World(limits);
        for (const one of steps) await world.step(one);
        const { added, lost, queued, stream } = await world.end();
        expect(queued).toBe(0);
        const first = new Set(stream.records.map(({ n }) => n));
        expect(first.size + lost).toBeGreaterThanOrEqual(added);
        if (lost === 0) expect(first.size).toBe(added);
        expect(stream.mostPerPartition).toBeLessThanOrEqual(1);
        expectOrder(stream);
      }),
      { numRuns: 150 },
    );
  });
});

/** Duplicates are allowed (a crash forgets what was acknowledged), new ones only after all older ones of the partition. */
function expectOrder(stream: FakeStream): void {
  const newest = new Map<number, number>();
  const seen = new Set<number>();
  for (const { partition, records } of stream.batches) {
    for (const { n } of records) {
      if (!seen.has(n)) expect(n).toBeGreaterThan(newest.get(partition) ?? 0);
      seen.add(n);
      newest.set(partition, Math.max(n, newest.get(partition) ?? 0));
    }
  }
}

type Step = { kind: "add"; uid: string; urgent: boolean; times: number } | { kind: "wait"; ms: number } | { kind: "open" | "shut" | "fail" | "heal" | "crash" };

/** An outbox, the stream it publishes to, and what goes wrong between them. */
class World {
  readonly stream = new FakeStream();
  readonly #clock = new ManualClock();
  readonly #limits: OutboxOptions["limits"];
  #outbox: Outbox;
  #added = 0;
  #lost = 0;
  #open = false;

  constructor(limits: OutboxOptions["limits"]) {
    this.#limits = limits;
    this.#outbox = newOutbox(this.#clock, limits);
  }

  async step(step: Step): Promise<void> {
    switch (step.kind) {
      case "add":
        for (let n = 0; n < step.times; n++) add(this.#outbox, step.uid, ++this.#added, step.urgent);
        return;
      case "wait":
        return this.#clock.advance(step.ms);
      case "crash":
        return this.#crash();
      case "fail":
      case "heal":
        this.stream.failing = step.kind === "fail";
        return;
      case "open":
      case "shut":
        this.#open = step.kind === "open";
        this.#connect();
    }
  }

  /** All is well in the end. */
  async end(): Promise<{ added: number; lost: number; queued: number; stream: FakeStream }> {
    this.stream.failing = false;
    this.#outbox.open(this.stream.publish);
    await this.#clock.advance(60_000);
    return { added: this.#added, lost: this.#lost + this.#outbox.lost, queued: this.#outbox.queued, stream: this.stream };
  }

  #connect(): void {
    if (this.#open) this.#outbox.open(this.stream.publish);
    else this.#outbox.shut();
  }

  async #crash(): Promise<void> {
    this.#lost += this.#outbox.lost;
    this.#outbox.shut();
    await this.#clock.advance(0);
    this.#outbox = newOutbox(this.#clock, this.#limits);
    this.#connect();
  }
}
