import { ManualClock } from "@sightline/shared/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { KubeError } from "../../kube/errors.ts";
import { RecordingLogger } from "../../testing/recording-logger.ts";
import type { User } from "../access/authenticate.ts";
import { REVIEW_EVERY_MS, RightsBook } from "./rights-book.ts";
import { identityKey } from "./usable.ts";

const jane: User = { name: "jane", uid: "", groups: ["shop"], extra: {} };
const joe: User = { name: "joe", uid: "", groups: [], extra: {} };

class World {
  readonly clock = new ManualClock();
  readonly asked: string[] = [];
  readonly changed: string[][] = [];
  readonly granted = new Set<string>();
  used: User[] = [jane, joe];
  failure: Error | undefined;
  readonly book = new RightsBook({
    clock: this.clock,
    random: () => 0.5,
    logger: new RecordingLogger(),
    rights: {
      usable: async ({ name }, clusters) => {
        this.asked.push(`${name} ${clusters.join()}`);
        await Promise.resolve();
        if (this.failure !== undefined) throw this.failure;
        return this.granted.has(`${name} *`) ? "all" : new Set(clusters.filter((cluster) => this.granted.has(`${name} ${cluster}`)));
      },
    },
    onChange: (authors) => void this.changed.push([...authors]),
    inUse: () => new Set(this.used.map(identityKey)),
  });
}

let world: World;

beforeEach(() => {
  world = new World();
});

describe("the book of authors' rights", () => {
  it("asks once for many monitors of one author", async () => {
    world.granted.add("jane *");
    const answers = await Promise.all(Array.from({ length: 10_000 }, () => world.book.usable(jane, ["eu-1", "us-1"], 0)));
    expect(new Set(answers)).toEqual(new Set(["all"]));
    expect(world.asked).toEqual(["jane eu-1,us-1"]);
  });

  it("asks again when a cluster comes in reach that nobody was asked about", async () => {
    world.granted.add("jane eu-1");
    expect(await world.book.usable(jane, ["eu-1"], 0)).toEqual(new Set(["eu-1"]));
    world.granted.add("jane ap-1");
    expect(await world.book.usable(jane, ["eu-1", "ap-1"], 0)).toEqual(new Set(["eu-1", "ap-1"]));
    await world.book.usable(jane, ["ap-1"], 0);
    expect(world.asked).toEqual(["jane eu-1", "jane eu-1,ap-1"]);
  });

  it("keeps a denial, but not past a newer record of that author", async () => {
    expect(await world.book.usable(jane, ["eu-1"], 1000)).toEqual(new Set());
    world.granted.add("jane eu-1");
    expect(await world.book.usable(jane, ["eu-1"], 1000)).toEqual(new Set());
    expect(await world.book.usable(jane, ["eu-1"], 2000)).toEqual(new Set(["eu-1"]));
    await world.book.usable(jane, ["eu-1"], 3000);
    expect(world.asked).toHaveLength(2);
  });

  it("tells whose rights changed when RBAC changed, and nobody else's", async () => {
    world.granted.add("jane eu-1").add("joe *");
    await world.book.usable(jane, ["eu-1"], 0);
    await world.book.usable(joe, ["eu-1"], 0);
    await world.book.reviewAll();
    expect(world.changed).toEqual([]);
    world.granted.delete("jane eu-1");
    await world.book.reviewAll();
    expect(world.changed).toEqual([[identityKey(jane)]]);
    expect(await world.book.usable(jane, ["eu-1"], 0)).toEqual(new Set());
  });

  it("reviews everybody hourly, and forgets those of whom nothing runs", async () => {
    world.granted.add("jane eu-1");
    await world.book.usable(jane, ["eu-1"], 0);
    await world.book.usable(joe, ["eu-1"], 0);
    world.used = [jane];
    world.granted.clear();
    world.book.start();
    await world.clock.advance(REVIEW_EVERY_MS - 60_000);
    expect(world.asked).toHaveLength(2);
    await world.clock.advance(120_000);
    expect(world.asked.slice(2)).toEqual(["jane eu-1"]);
    expect(world.changed).toEqual([[identityKey(jane)]]);
    world.book.stop();
  });

  it("keeps what it knows while the API server does not answer, and has nothing to say of whom it never heard", async () => {
    world.granted.add("jane eu-1");
    await world.book.usable(jane, ["eu-1"], 0);
    world.failure = new KubeError("UNAVAILABLE", "down");
    await world.book.reviewAll();
    expect(await world.book.usable(jane, ["eu-1"], 0)).toEqual(new Set(["eu-1"]));
    expect(world.changed).toEqual([]);
    await expect(world.book.usable(joe, ["eu-1"], 0)).rejects.toThrow("down");
    world.failure = undefined;
    expect(await world.book.usable(joe, ["eu-1"], 0)).toEqual(new Set());
  });
});
