import { describe, expect, it } from "vitest";
import { driftBetween, hasLostHeads } from "./drift.ts";
import { repairFor, StallWatch } from "./held.ts";
import { Rebuild } from "./rebuild.ts";
import type { StreamMessage } from "./staging.ts";
import { deleted, forged, head, headOver, mirrorOf, put, uidOf } from "./testing.ts";

const NOW = 1_800_000_000_000;

describe("what a new reading shows", () => {
  it("names every assignment that is other, missing or surplus", () => {
    const before = mirrorOf(put(1, "eu-1", 1), put(2, "eu-1", 2), put(3, "eu-1", 3));
    const after = mirrorOf(put(1, "eu-1", 1), put(9, "eu-1", 2, 2), put(8, "us-1", 4));
    expect(driftBetween(before, after)).toEqual([
      { uid: uidOf(2), cluster: "eu-1" },
      { uid: uidOf(3), cluster: "eu-1" },
      { uid: uidOf(4), cluster: "us-1" },
    ]);
  });

  it.each<[string, StreamMessage[], boolean]>([
    ["the same head", [head(3, "eu-1", [], { epoch: 2, generation: 5 })], false],
    ["a newer head", [head(3, "eu-1", [], { epoch: 3, generation: 1 })], false],
    ["an older head", [head(3, "eu-1", [], { epoch: 2, generation: 4 })], true],
    ["no head", [deleted(1, "eu-1", 1)], true],
    ["a newer head that no hub wrote", [forged(head(4, "eu-1", [], { epoch: 9, generation: 1 }))], true],
  ])("tells whether the store forgot, by %s", (_, after, lost) => {
    const before = mirrorOf(head(3, "eu-1", [put(1, "eu-1", 1)], { epoch: 2, generation: 5 }));
    expect(hasLostHeads(before, mirrorOf(...after))).toBe(lost);
  });

  it("does not miss the head of an empty set: a farewell is forgotten when its time is up", () => {
    const before = mirrorOf(head(3, "eu-1", [], { epoch: 2, generation: 5 }));
    expect(hasLostHeads(before, mirrorOf())).toBe(false);
    expect(hasLostHeads(before, mirrorOf(head(3, "eu-1", [], { epoch: 2, generation: 4 })))).toBe(true);
    expect(before.size).toBe(0);
  });
});

describe("what to do about what an agent holds", () => {
  const stored = headOver([], { epoch: 5, generation: 5 });
  const other = headOver([put(1, "eu-1", 1)], { epoch: 5, generation: 5 });

  it.each<[string, Parameters<typeof repairFor>, ReturnType<typeof repairFor>]>([
    ["nothing yet", [null, stored, NOW], { kind: "none" }],
    ["what is stored", [stored, stored, NOW], { kind: "none" }],
    ["something older", [{ ...stored, generation: 4 }, stored, NOW], { kind: "none" }],
    ["something newer", [{ ...stored, epoch: 6 }, stored, NOW], { kind: "rewrite-above", epoch: 6 }],
    ["a set of a cluster without a head", [stored, undefined, NOW], { kind: "rewrite-above", epoch: 5 }],
    ["another set at the same position", [other, stored, NOW], { kind: "rewrite" }],
    ["an epoch that no clock has shown", [{ ...stored, epoch: Number.MAX_SAFE_INTEGER }, stored, NOW], { kind: "none" }],
  ])("knows it for an agent that holds %s", (_, args, repair) => expect(repairFor(...args)).toEqual(repair));
});

describe("the watch for stalled consumers", () => {
  const stored = headOver([], { epoch: 5, generation: 5 });
  const held = { ...stored, generation: 4 };

  it("sets a consumer back after three heartbeats that say the same, and again after three more", () => {
    const watch = new StallWatch();
    expect(Array.from({ length: 6 }, () => watch.observe("eu-1", held, stored))).toEqual([false, false, true, false, false, true]);
  });

  it.each<[string, Parameters<StallWatch["observe"]>]>([
    ["the agent gets on", ["eu-1", { ...held, generation: 3 }, stored]],
    ["the head is a new one", ["eu-1", held, { ...stored, generation: 6 }]],
    ["the agent has caught up", ["eu-1", stored, stored]],
  ])("begins to count anew when %s", (_, between) => {
    const watch = new StallWatch();
    const observed = [held, held].map((each) => watch.observe("eu-1", each, stored));
    observed.push(watch.observe(...between), watch.observe("eu-1", held, stored), watch.observe("eu-1", held, stored));
    expect(observed).not.toContain(true);
  });

  it("counts each cluster by itself", () => {
    const watch = new StallWatch();
    expect(["eu-1", "us-1", "eu-1", "us-1"].map((cluster) => watch.observe(cluster, held, stored))).not.toContain(true);
  });
});

describe("a rebuild", () => {
  it("holds back every cluster, or the drifted ones, until the awaited monitors were applied", () => {
    const all = Rebuild.ofAll(["a"]);
    const some = Rebuild.ofDrift([{ uid: "b", cluster: "eu-1" }]);
    expect([all.holds("us-1"), some.holds("eu-1"), some.holds("us-1")]).toEqual([true, true, false]);
    const merged = some.merge(Rebuild.ofDrift([{ uid: "c", cluster: "us-1" }]));
    expect([merged.holds("eu-1"), merged.holds("us-1"), merged.holds("ap-1"), some.merge(all).holds("ap-1")]).toEqual([true, true, false, true]);
    merged.applied(["b", "x"]);
    expect([...merged.awaited]).toEqual(["c"]);
  });
});
