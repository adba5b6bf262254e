import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Action, crashes, disasters, everyday, setBack, stories } from "./actions.ts";
import { MONITORS, World } from "./world.ts";

/**
 * Promises of the protocol, each over random stories of users, hubs, agents and a store. More stories than by default:
 * SIGHTLINE_MODEL_RUNS=20000. A failure prints its seed and the shortest story that still breaks the promise.
 */
const RUNS = Number(process.env["SIGHTLINE_MODEL_RUNS"] ?? 100);
const TIMEOUT_MS = 30_000 + RUNS * 50;

/** Calm comes within so many rounds, each one heartbeat long; measured: 5 at most in 3,000 stories. */
const ROUNDS = 8;

function play(actions: readonly Action[]): World {
  const world = new World();
  for (const monitor of MONITORS.keys()) world.place(monitor, 7 - monitor);
  world.hubs[0].start();
  for (const { run } of actions) run(world);
  return world;
}

/** Plays random stories, lets each come to rest, and hands what was broken to the check. */
function always(story: fc.Arbitrary<Action[]>, check: (world: World, rounds: number | undefined) => void): void {
  const property = fc.property(story, (actions) => {
    const world = play(actions);
    check(world, world.calm(ROUNDS));
  });
  fc.assert(property, { numRuns: RUNS });
}

const anything = stories(everyday, crashes, disasters);

describe("the protocol", { timeout: TIMEOUT_MS }, () => {
  it("lets an agent run only a set that some writer committed as a whole, never a mix, never what was written by hand", () => {
    always(anything, (world) => expect(world.broken("mixed-set")).toEqual([]));
  });

  it("never takes an agent back to an older position, not even over a restart", () => {
    always(anything, (world) => expect(world.broken("went-back")).toEqual([]));
  });

  it("lets an agent stop a check only for a newer committed head without it, and never one that stayed wanted", () => {
    always(anything, (world) => expect(world.broken("dropped")).toEqual([]));
  });

  it("commits every batch as a whole or not at all, and each monitor's change with the heads of all its clusters", () => {
    always(anything, (world) => expect(world.broken("half-batch")).toEqual([]));
  });

  it("gives every agent exactly the wanted set soon after the last fault", () => {
    always(anything, (world, rounds) => expect(rounds, `not settled after ${ROUNDS} rounds`).toBeDefined());
  });

  it("lets no writer change a cluster after another one with a higher epoch", () => {
    always(stories(everyday, crashes), (world) => expect(world.broken("fence")).toEqual([]));
  });

  it("gives each position of a cluster to one set only, also when heads are set back by hand", () => {
    always(stories(everyday, crashes, setBack), (world) => expect(world.broken("position-reused")).toEqual([]));
  });

  it("writes nothing once all is as wanted", () => {
    always(anything, (world) => {
      const last = world.stream.lastSequence;
      world.calm(3);
      world.calm(3);
      expect(world.stream.lastSequence - last, "only the heads of a new writer").toBeLessThanOrEqual(2 * world.agents.length);
    });
  });

  it.each([
    ["the registrations' status and NATS", (world: World): void => (world.loseStatus(), world.recreate())],
    ["the registrations' status and the agents", (world: World): void => (world.loseStatus(), world.agents.forEach((_, agent) => world.loseDisk(agent)))],
    ["NATS and the agents", (world: World): void => (world.recreate(), world.agents.forEach((_, agent) => world.loseDisk(agent)))],
  ])("recovers when %s lose their memory while the hub is away and the clock goes back", (_, lose) => {
    always(
      stories(everyday, crashes).map((actions) => [...actions, { name: "lose", run: (world: World) => (world.crash(0), world.crash(1), lose(world), world.jump(-86_400_000)) }]),
      (world, rounds) => {
        expect(rounds).toBeDefined();
        // An epoch that nobody remembers may come again: its sets differ, which heartbeats show.
        expect(world.violations.filter(({ promised }) => promised !== "position-reused")).toEqual([]);
      },
    );
  });

  it("signs no head over what a forger stored while no hub ran, however slowly the hub gets on", () => {
    const world = play([]);
    expect(world.calm(ROUNDS)).toBeDefined();
    world.crash(0);
    world.forge(1);
    world.start(0);
    for (let sends = 0; sends < 20; sends += 1) {
      world.commit(0, { limit: 1, pick: 0 }, "answered");
      world.deliver();
    }
    expect(world.calm(ROUNDS)).toBeDefined();
    expect(world.violations).toEqual([]);
  });

  it("stops a writer that finds another one at work under its own epoch", () => {
    const world = play([]);
    // Neither has written yet, and the clock stands still: both have the same epoch.
    world.start(1);
    world.place(4, 7);
    world.sync(1);
    for (let sends = 0; sends < 5; sends += 1) world.commit(1, { limit: 9, pick: 0 }, "answered");
    world.deliver();
    const [old, leader] = world.hubs;
    expect(old.epoch).toBe(leader.epoch);
    old.read(Infinity);
    for (let sends = 0; sends < 5; sends += 1) world.commit(0, { limit: 9, pick: 0 }, "answered");
    world.deliver();
    expect([old.writing, leader.writing]).toEqual([false, true]);
    expect(world.violations).toEqual([]);
  });

  it("lets one of two writers win each round, and never half of either", () => {
    const duel = fc.array(fc.record({ first: fc.nat(1), fresh: fc.boolean(), monitor: fc.nat(4), mask: fc.nat(7) }), { minLength: 5, maxLength: 20 });
    const property = fc.property(duel, (rounds) => {
      const world = play([]);
      // Neither has written yet, and the clock stands still: both have the same epoch.
      world.start(1);
      for (const { first, fresh, monitor, mask } of rounds) {
        world.place(monitor, mask);
        if (fresh) world.start(first);
        world.race(first);
        expect(world.violations).toEqual([]);
      }
      expect(world.calm(ROUNDS)).toBeDefined();
    });
    fc.assert(property, { numRuns: RUNS });
  });
});
