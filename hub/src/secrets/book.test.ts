import { ManualClock } from "@sightline/shared/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { SecretBook } from "./book.ts";
import type { Reading, SecretObject } from "./sources.ts";

const object = (name: string): SecretObject => ({ kind: "vault", namespace: "shop", name });
const found = (value: string): Reading => ({ kind: "found", values: new Map([["k", value]]) });

class World {
  readonly clock = new ManualClock();
  readonly reads: string[] = [];
  readonly changes: string[][] = [];
  readonly stored = new Map<string, Reading>();
  hold: Promise<unknown> = Promise.resolve();
  readonly book = new SecretBook({
    clock: this.clock,
    random: () => 1,
    refreshMs: 60_000,
    onChange: (uids) => void this.changes.push([...uids].toSorted()),
    read: async ({ name }) => {
      this.reads.push(name);
      await this.hold;
      return this.stored.get(name) ?? { kind: "absent", reason: "does not exist" };
    },
  });
}

let world: World;
beforeEach(() => {
  world = new World();
  world.stored.set("a", found("1"));
});

describe("the book of secrets", () => {
  it("reads an object at once when a monitor begins to use it, once for all of them", async () => {
    world.book.use("m-1", [object("a"), object("a")]);
    world.book.use("m-2", [object("a")]);
    expect(world.book.reading(object("a"))).toBeUndefined();
    await world.clock.advance(0);
    expect(world.book.reading(object("a"))).toEqual(found("1"));
    expect([world.reads, world.changes]).toEqual([["a"], [["m-1", "m-2"]]]);
  });

  it("reads it again within the time, and tells only of what changed", async () => {
    world.book.use("m-1", [object("a")]);
    await world.clock.advance(60_000);
    expect([world.reads.length, world.changes.length]).toEqual([2, 1]);
    world.stored.set("a", found("2"));
    await world.clock.advance(60_000);
    expect([world.reads.length, world.changes.length]).toEqual([3, 2]);
    world.stored.set("a", { kind: "unreachable", reason: "is sealed" });
    await world.clock.advance(60_000);
    expect(world.changes.length).toBe(3);
  });

  it("forgets an object, and its values, when nobody uses it any more", async () => {
    world.book.use("m-1", [object("a")]);
    world.book.use("m-2", [object("a"), object("b")]);
    await world.clock.advance(0);
    world.book.forget("m-1");
    world.book.use("m-2", [object("b")]);
    expect([world.book.size, world.book.reading(object("a"))]).toEqual([1, undefined]);
    world.book.forget("m-2");
    expect(world.book.size).toBe(0);
    const reads = world.reads.length;
    await world.clock.advance(600_000);
    expect(world.reads.length).toBe(reads);
  });

  it("tells nobody what a read brings that came too late", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    world.hold = promise;
    world.book.use("m-1", [object("a")]);
    world.book.forget("m-1");
    resolve();
    await world.clock.advance(0);
    expect([world.changes, world.book.size]).toEqual([[], 0]);
  });

  it("reads at most 16 at the same time, and new ones first", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    world.hold = promise;
    for (let number = 0; number < 40; number++) world.book.use(`m-${number}`, [object(`o-${number}`)]);
    await world.clock.advance(0);
    expect(world.reads.length).toBe(16);
    resolve();
    await world.clock.advance(0);
    expect(world.reads.length).toBe(40);
  });

  it("repeats at most 50 reads a second, however many there are", async () => {
    for (let number = 0; number < 1000; number++) world.book.use(`m-${number}`, [object(`o-${number}`)]);
    await world.clock.advance(0);
    expect(world.reads.length).toBe(1000);
    await world.clock.advance(60_000);
    const before = world.reads.length;
    await world.clock.advance(10_000);
    expect(world.reads.length - before).toBeLessThanOrEqual(500);
    expect(world.reads.length - before).toBeGreaterThan(400);
  });

  it("stops", async () => {
    world.book.use("m-1", [object("a")]);
    await world.clock.advance(0);
    world.book.stop();
    await world.clock.advance(600_000);
    expect(world.reads).toEqual(["a"]);
  });
});
