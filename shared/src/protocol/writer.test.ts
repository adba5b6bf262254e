import { describe, expect, it } from "vitest";
import type { Assignment } from "../wire/assignment.ts";
import { parseHead } from "../wire/head.ts";
import { headSubject } from "../wire/subjects.ts";
import type { AssignmentMirror } from "./mirror.ts";
import { assignment, forged, head, headOver, isAuthentic, mirrorOf, put, rubbish, SETTINGS, sign, uidOf } from "./testing.ts";
import { type BatchPlan, committedMessages, isFenced, type MonitorChange, planBatch, planRemoval, type WriterContext } from "./writer.ts";

const context: WriterContext = { epoch: 10, settings: () => SETTINGS, sign };

function change(n: number, clusters: readonly string[], version = 1): MonitorChange {
  return { uid: uidOf(n), wanted: new Map(clusters.map((cluster): [string, Assignment] => [cluster, assignment(n, version)])) };
}

/** What a plan does, in short: `+` writes, `-` deletes, `=7` expects the subject's last sequence to be 7. */
function short({ messages }: BatchPlan): string[] {
  return messages.map(({ subject, payload, expectedLastSequence }) => {
    const name = subject.replace("$KV.assign.", "").replace(/0{8}-.*-0*/, "m");
    return `${payload === null ? "-" : "+"}${name}${expectedLastSequence === undefined ? "" : `=${expectedLastSequence}`}`;
  });
}

/** A mirror after the plan was committed at these sequences. */
function commit(mirror: AssignmentMirror, plan: BatchPlan, lastSequence: number): AssignmentMirror {
  mirror.commit(committedMessages(plan, lastSequence));
  return mirror;
}

describe("planBatch", () => {
  const one = put(1, "eu-1", 1);
  const stored = (): AssignmentMirror => mirrorOf(one, put(2, "us-1", 1), head(3, "eu-1", [one], { epoch: 9, generation: 5 }), head(4, "us-1", [put(2, "us-1", 1)], { epoch: 9, generation: 2 }));

  it.each<[string, AssignmentMirror, MonitorChange[], string[]]>([
    ["nothing when all is as wanted", stored(), [change(1, ["eu-1", "us-1"])], []],
    ["a first assignment against no head", mirrorOf(), [change(1, ["eu-1"])], ["+eu-1.m1", "+eu-1.head=0"]],
    ["only where the content differs", stored(), [change(1, ["eu-1", "us-1", "ap-1"])], ["+ap-1.m1", "+ap-1.head=0"]],
    ["a changed check in all its clusters", stored(), [change(1, ["eu-1", "us-1"], 2)], ["+eu-1.m1", "+us-1.m1", "+eu-1.head=3", "+us-1.head=4"]],
    ["a withdrawal where the monitor is not wanted any more", stored(), [change(1, ["eu-1"])], ["-us-1.m1", "+us-1.head=4"]],
    ["many monitors with one head for each cluster", stored(), [change(1, []), change(2, ["eu-1"])], ["-eu-1.m1", "-us-1.m1", "+eu-1.m2", "+eu-1.head=3", "+us-1.head=4"]],
    ["over rubbish under its key", mirrorOf(rubbish(1, one.subject)), [change(1, ["eu-1"])], ["+eu-1.m1", "+eu-1.head=0"]],
  ])("writes %s", (_, mirror, changes, messages) => expect(short(planBatch(mirror, changes, [], context))).toEqual(messages));

  it("sums up in each head what is stored once the batch is committed", () => {
    const mirror = stored();
    const plan = planBatch(mirror, [change(1, ["eu-1"], 2), change(2, ["eu-1", "us-1"])], [{ cluster: "ap-1" }], context);
    expect([...plan.heads.keys()]).toEqual(["eu-1", "us-1", "ap-1"]);
    expect(commit(mirror, plan, 20).inconsistentClusters()).toEqual([]);
    expect(planBatch(mirror, [change(1, ["eu-1"], 2), change(2, ["eu-1", "us-1"])], [], context).messages).toEqual([]);
  });

  it("counts generations on from the stored head", () => {
    expect(planBatch(stored(), [], [{ cluster: "eu-1" }], context).heads.get("eu-1")).toMatchObject({ epoch: 10, generation: 6, count: 1 });
  });

  it("signs each head, and nothing else: a head vouches for its set", () => {
    const { messages } = planBatch(stored(), [change(1, ["eu-1", "ap-1"], 2)], [], context);
    expect(messages.flatMap((message) => (message.signature === undefined ? [] : [message.subject]))).toEqual(["eu-1", "ap-1", "us-1"].map(headSubject));
    expect(messages.filter(isAuthentic)).toHaveLength(3);
    expect(committedMessages({ messages, heads: new Map() }, 9).filter(isAuthentic)).toHaveLength(3);
  });

  describe("when something is stored that nobody vouches for", () => {
    const genuine = head(3, "eu-1", [one, put(2, "eu-1", 2)], { epoch: 9, generation: 5 });
    const forgedStore = (): AssignmentMirror => mirrorOf(one, put(2, "eu-1", 2), forged(genuine));

    it("takes it away before it signs a head over the rest", () => {
      const plan = planBatch(forgedStore(), [change(1, ["eu-1"])], [], context);
      expect(short(plan)).toEqual([]);
      const refresh = planBatch(forgedStore(), [change(1, ["eu-1"])], [{ cluster: "eu-1" }], context);
      expect(short(refresh)).toEqual(["-eu-1.m2", "+eu-1.head=3"]);
      expect(refresh.heads.get("eu-1")).toMatchObject(headOver([one], { epoch: 10, generation: 1 }));
      expect(commit(forgedStore(), refresh, 20).inconsistentClusters()).toEqual([]);
    });

    it.each<[string, (mirror: AssignmentMirror) => AssignmentMirror]>([
      ["the hub has found it to be as wanted", (mirror) => (mirror.confirm(uidOf(1), new Map([["eu-1", assignment(1)]])), mirror.confirm(uidOf(2), new Map([["eu-1", assignment(2)]])), mirror)],
      ["an earlier picture vouched for the same bytes", (mirror) => (mirror.vouch(mirrorOf(one, put(2, "eu-1", 2), genuine)), mirror)],
      ["the hub wrote it", (mirror) => (mirror.commit([put(11, "eu-1", 1), put(12, "eu-1", 2)]), mirror)],
    ])("leaves it where %s", (_, vouch) => {
      expect(short(planBatch(vouch(forgedStore()), [], [{ cluster: "eu-1" }], context))).toEqual(["+eu-1.head=3"]);
    });

    it.each<[string, (mirror: AssignmentMirror) => AssignmentMirror]>([
      ["something else is wanted", (mirror) => (mirror.confirm(uidOf(2), new Map([["eu-1", assignment(2, 7)]])), mirror)],
      ["an earlier picture had other bytes", (mirror) => (mirror.vouch(mirrorOf(put(2, "eu-1", 2, 7), head(3, "eu-1", [put(2, "eu-1", 2, 7)], { epoch: 9, generation: 5 }))), mirror)],
      ["it was written over the hub's own", (mirror) => (mirror.commit([put(12, "eu-1", 2)]), mirror.apply(put(13, "eu-1", 2, 7)), mirror)],
    ])("does not where %s", (_, vouch) => {
      expect(short(planBatch(vouch(forgedStore()), [change(1, ["eu-1"])], [{ cluster: "eu-1" }], context))).toContain("-eu-1.m2");
    });

    it("waits with the head while there is more of it than one batch takes away", () => {
      const strangers = Array.from({ length: 1001 }, (_none, n) => put(n + 1, "eu-1", n));
      const mirror = mirrorOf(...strangers);
      const first = planBatch(mirror, [], [{ cluster: "eu-1" }], context);
      expect([first.messages.length, first.heads.size]).toEqual([1000, 0]);
      expect(short(planBatch(commit(mirror, first, 5000), [], [{ cluster: "eu-1" }], context))).toEqual([expect.stringMatching(/^-eu-1/), "+eu-1.head=0"]);
    });
  });

  it("uses no generation twice, when the head that it sent before was lost or set back", () => {
    const sent = new Map([["eu-1", headOver([], { epoch: 10, generation: 8 })]]);
    expect(planBatch(stored(), [], [{ cluster: "eu-1" }], { ...context, sent }).heads.get("eu-1")?.generation).toBe(9);
    const unreadable = mirrorOf(one, rubbish(3, headSubject("eu-1")));
    expect(planBatch(unreadable, [], [{ cluster: "eu-1" }], { ...context, sent }).heads.get("eu-1")?.generation).toBe(9);
  });

  it("writes assignments without the heads that are held back", () => {
    const plan = planBatch(stored(), [change(1, ["eu-1", "us-1"], 2)], [], { ...context, withhold: (cluster) => cluster === "eu-1" });
    expect(short(plan)).toEqual(["+eu-1.m1", "+us-1.m1", "+us-1.head=4"]);
  });

  it("puts the trace of the reconcile into what it writes", () => {
    const traceparent = `00-${"1".repeat(32)}-${"2".repeat(16)}-01`;
    const plan = planBatch(mirrorOf(), [{ ...change(1, ["eu-1"]), traceparent }], [], context);
    expect(new TextDecoder().decode(plan.messages[0]?.payload ?? undefined)).toContain(traceparent);
  });
});

describe("planRemoval", () => {
  it("deletes in steps, and says at last that the set is empty", () => {
    const messages = [put(1, "eu-1", 1), put(2, "eu-1", 2)];
    const mirror = mirrorOf(...messages, head(3, "eu-1", messages, { epoch: 9, generation: 1 }));
    const first = planRemoval(mirror, "eu-1", 1, context);
    expect(short(first)).toEqual(["-eu-1.m1", "+eu-1.head=3"]);
    const second = planRemoval(commit(mirror, first, 5), "eu-1", 1, context);
    expect(short(second)).toEqual(["-eu-1.m2", "+eu-1.head=5"]);
    expect(second.messages.map(({ ttl }) => ttl)).toEqual([undefined, "24h"]);
    expect(parseHead(second.messages[1]?.payload ?? new Uint8Array())).toMatchObject({ generation: 3, count: 0 });
  });

  it("signs no head over what nobody vouches for", () => {
    const mirror = mirrorOf(put(1, "eu-1", 1), put(2, "eu-1", 2), put(3, "eu-1", 3));
    expect(short(planRemoval(mirror, "eu-1", 2, context))).toHaveLength(2);
    expect(planRemoval(mirror, "eu-1", 2, context).heads.size).toBe(0);
    mirror.confirm(uidOf(1), new Map([["eu-1", assignment(1)]]));
    expect(short(planRemoval(mirror, "eu-1", 2, context))).toEqual(["-eu-1.m2", "-eu-1.m3", "+eu-1.head=0"]);
  });

  it("writes over what is no head of a cluster that is removed", () => {
    const mirror = mirrorOf(forged(head(3, "eu-1", [], { epoch: 99, generation: 1 })));
    expect(short(planRemoval(mirror, "eu-1", 2, context))).toEqual(["+eu-1.head=3"]);
  });

  it("has nothing to do for a cluster that was never there", () => expect(planRemoval(mirrorOf(), "eu-1", 9, context).messages).toEqual([]));
});

describe("committedMessages", () => {
  it("gives each message its sequence, the last one the answered", () => {
    const plan = planBatch(mirrorOf(), [change(1, ["eu-1"])], [], context);
    expect(committedMessages(plan, 42).map(({ sequence }) => sequence)).toEqual([41, 42]);
  });
});

describe("isFenced", () => {
  const own = headOver([put(1, "eu-1", 1)], { epoch: 10, generation: 3 });

  it.each<[string, Parameters<typeof isFenced>, boolean]>([
    ["by no head", [undefined, 10], false],
    ["by an older epoch", [{ ...own, epoch: 9, generation: 99 }, 10], false],
    ["by a higher epoch", [{ ...own, epoch: 11 }, 10, own], true],
    ["by its own last head", [own, 10, own], false],
    ["by an older head of its own that came back", [{ ...own, generation: 2, count: 0 }, 10, own], false],
    ["by a head of its epoch that it never sent", [own, 10], true],
    ["by a later head of its epoch", [{ ...own, generation: 4 }, 10, own], true],
    ["by another set at the place of its own last head", [{ ...own, checksum: "0".repeat(64) }, 10, own], true],
  ])("tells whether a writer is stopped %s", (_, args, fenced) => expect(isFenced(...args)).toBe(fenced));
});
