import { untilAborted } from "@sightline/shared";
import { silentLogger } from "@sightline/shared/telemetry";
import { ManualClock } from "@sightline/shared/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Elector, type Lead, type LeaseTimes } from "./elector.ts";
import type { Term } from "./term.ts";
import { type Delay, SharedLease, SkewedClock } from "./testing.ts";

const TIMES: LeaseTimes = { durationMs: 15_000, renewMs: 5000, deadlineMs: 10_000, requestTimeoutMs: 4000, retryMs: 500 };

interface Replica {
  elector: Elector;
  clock: SkewedClock;
  terms: Term[];
}

interface Sketch {
  rate?: number;
  offset?: number;
  delay?: () => Delay;
  lead?: Lead;
  identity?: string;
}

/** Several replicas around one Lease, in a time that the test moves. */
class World {
  readonly time = new ManualClock(0);
  readonly lease = new SharedLease();
  readonly replicas: Replica[] = [];

  add({ rate = 1, offset = 0, delay = () => [1, 1], lead, identity = `replica-${this.replicas.length}` }: Sketch = {}): Replica {
    const clock = new SkewedClock(this.time, rate, offset);
    const lease = this.lease.seenBy(this.time, clock, delay);
    const isPredecessor = (holder: string): boolean => identity.includes("/") && holder.startsWith(identity.slice(0, identity.indexOf("/") + 1));
    const replica: Replica = { elector: new Elector({ lease, identity, isPredecessor, times: TIMES, clock, logger: silentLogger }), clock, terms: [] };
    this.replicas.push(replica);
    replica.elector.start(async (term) => {
      replica.terms.push(term);
      await (lead ?? ((one) => untilAborted(one.retired)))(term);
    });
    return replica;
  }

  /** Who may write right now, on their own clocks. */
  get leaders(): number[] {
    return this.replicas.flatMap(({ terms }, index) => (terms.some((term) => term.mayWrite()) ? [index] : []));
  }
}

describe("an elector", () => {
  it("leads alone, and renews as long as it is there", async () => {
    const world = new World();
    const { terms, elector } = world.add();
    await world.time.advance(120_000);
    expect([terms.length, elector.role, elector.missing]).toEqual([1, "active", undefined]);
  });

  it("stands by while another one leads, and says that it is of use", async () => {
    const world = new World();
    world.add();
    await world.time.advance(100);
    const { elector } = world.add();
    expect(elector.missing).toBe("the lease has not been read");
    await world.time.advance(60_000);
    expect([elector.role, elector.missing, world.leaders]).toEqual(["standby", undefined, [0]]);
  });

  it("takes over no sooner than the lease ends when the holder falls silent", async () => {
    const world = new World();
    const first = world.add();
    await world.time.advance(100);
    world.add();
    await world.time.advance(4000);
    first.clock.stoppedUntil = Infinity;
    await world.time.advance(10_000);
    expect(world.leaders).toEqual([]);
    await world.time.advance(6000);
    expect(world.leaders).toEqual([1]);
  });

  it("that was stopped past its lease may not write at its first step, and stands by again", async () => {
    const world = new World();
    const first = world.add();
    await world.time.advance(100);
    world.add();
    first.clock.stoppedUntil = world.time.monotonic() + 30_000;
    await world.time.advance(29_999);
    expect(first.terms[0]?.mayWrite()).toBe(false);
    await world.time.advance(2000);
    expect([first.elector.role, first.terms.length, world.leaders]).toEqual(["standby", 1, [1]]);
    expect(first.terms[0]?.closed.aborted).toBe(true);
  });

  it("gives the lease back when it is stopped, after its work has ended; the standby leads at once", async () => {
    const world = new World();
    let writingAtEnd: boolean | undefined;
    const first = world.add({
      lead: async (term) => {
        await untilAborted(term.retired);
        writingAtEnd = term.mayWrite();
      },
    });
    await world.time.advance(100);
    world.add();
    await world.time.advance(1000);
    const stopped = first.elector.stop();
    await world.time.advance(TIMES.retryMs + 10);
    await stopped;
    expect([writingAtEnd, world.leaders]).toEqual([true, [1]]);
  });

  it("keeps the lease while its work takes its time to end", async () => {
    const world = new World();
    const busy = Promise.withResolvers<void>();
    const first = world.add({ lead: () => busy.promise });
    await world.time.advance(100);
    world.add();
    void first.elector.stop();
    await world.time.advance(60_000);
    expect(world.leaders).toEqual([0]);
    busy.resolve();
    await world.time.advance(TIMES.retryMs + 10);
    expect(world.leaders).toEqual([1]);
  });

});

describe("an elector in trouble", () => {
  it("stops at its deadline when nobody answers, and leads again when the answers come", async () => {
    const world = new World();
    const { elector, terms } = world.add();
    await world.time.advance(6000);
    world.lease.reachable = false;
    await world.time.advance(10_000);
    expect([elector.role, elector.missing, terms[0]?.closed.aborted]).toEqual(["standby", "no replica leads", true]);
    world.lease.reachable = true;
    await world.time.advance(6000);
    expect([elector.role, terms.length]).toEqual(["active", 2]);
  });

  it("goes on when the answer of a renewal was lost though it was stored", async () => {
    const world = new World();
    let calls = 0;
    const { terms } = world.add({ delay: () => [1, (calls += 1) === 3 ? 60_000 : 1] });
    await world.time.advance(60_000);
    expect([terms.length, world.leaders]).toEqual([1, [0]]);
  });

  it("counts from when a renewal was sent, not from when it was answered", async () => {
    const world = new World();
    let calls = 0;
    world.add({ delay: () => [1, (calls += 1) === 3 ? 3900 : 1] });
    await world.time.advance(8000);
    world.lease.reachable = false;
    await world.time.advance(6900);
    expect(world.leaders).toEqual([0]);
    await world.time.advance(200);
    expect(world.leaders).toEqual([]);
  });

  it("begins a new term when its work ends by itself, or fails", async () => {
    const world = new World();
    const { terms } = world.add({ lead: () => Promise.reject(new Error("broken")) });
    await world.time.advance(5000);
    expect(terms.length).toBeGreaterThan(2);
  });

  it("with a name of its own goes on at once where its former life ended", async () => {
    const world = new World();
    const first = world.add({ identity: "hub-0/1" });
    await world.time.advance(100);
    first.clock.stoppedUntil = Infinity;
    world.add({ identity: "hub-0/2" });
    await world.time.advance(100);
    expect(world.replicas[1]?.elector.role).toBe("active");
  });

  it("steps back when somebody writes another holder into the lease", async () => {
    const world = new World();
    const { elector } = world.add();
    await world.time.advance(100);
    const { stored } = world.lease;
    world.lease.stored = stored === undefined ? undefined : { ...stored, holder: "chosen-by-hand", resourceVersion: "other" };
    await world.time.advance(TIMES.renewMs + 100);
    expect(elector.role).toBe("standby");
  });
});

/** Most requests are quick, some take long, some are lost (their effect may still come). */
const delays: fc.Arbitrary<Delay> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 })) },
  { weight: 2, arbitrary: fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 5000 })) },
  { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 0, max: 60_000 })) },
);
const replicas = fc.record({
  // Nothing but clocks whose rates differ by half would break the promise; quartz differs by a ten-thousandth.
  rate: fc.double({ min: 0.9, max: 1.1, noNaN: true }),
  offset: fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }),
  delays: fc.array(delays, { minLength: 20, maxLength: 20 }),
});
const incidents = fc.record({
  at: fc.integer({ min: 0, max: 100_000 }),
  replica: fc.nat(2),
  kind: fc.constantFrom("stand still", "unreachable", "end"),
  forMs: fc.integer({ min: 100, max: 40_000 }),
});

describe("electors with wrong clocks, slow networks, and processes that stand still", () => {
  it("never lead two at a time, and one leads soon after the last incident", async () => {
    const property = fc.asyncProperty(fc.array(replicas, { minLength: 2, maxLength: 3 }), fc.array(incidents, { maxLength: 6 }), async (sketches, happenings) => {
      const world = new World();
      let calm = false;
      for (const { rate, offset, delays } of sketches) {
        let calls = 0;
        world.add({ rate, offset, delay: () => (calm ? [1, 1] : (delays[calls++ % delays.length] ?? [1, 1])) });
      }
      for (const { at, replica, kind, forMs } of happenings) {
        const one = world.replicas[replica % sketches.length];
        world.time.schedule(at, () => {
          if (kind === "stand still" && one !== undefined) one.clock.stoppedUntil = at + forMs;
          if (kind === "end" && replica % sketches.length > 0) void one?.elector.stop();
          if (kind !== "unreachable") return;
          world.lease.reachable = false;
          world.time.schedule(forMs, () => (world.lease.reachable = true));
        });
      }
      for (let step = 0; step < 240; step += 1) {
        await world.time.advance(500);
        expect(world.leaders.length).toBeLessThanOrEqual(1);
      }
      calm = true;
      world.lease.reachable = true;
      // Requests that are still on their way, and one whole lease.
      await world.time.advance(140_000);
      expect(world.leaders).toHaveLength(1);
    });
    await fc.assert(property, { numRuns: 60 });
  }, 60_000);
});
