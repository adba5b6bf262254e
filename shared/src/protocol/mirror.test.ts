import { describe, expect, it } from "vitest";
import { contentHash } from "../canonical-json.ts";
import { encodeAssignment } from "../wire/assignment.ts";
import { headSubject, parseAssignmentSubject } from "../wire/subjects.ts";
import { sameSummary } from "./set-digest.ts";
import type { StreamMessage } from "./staging.ts";
import { assignment, deleted, forged, head, headOver, mirrorOf, put, rubbish, signed, uidOf } from "./testing.ts";

const position = { epoch: 1, generation: 1 };

describe("the writer's mirror", () => {
  const one = put(1, "eu-1", 1);
  const two = put(2, "eu-1", 2);

  it("knows by cluster and by monitor what is stored", () => {
    const mirror = mirrorOf(one, two, put(3, "us-1", 1), head(4, "eu-1", [one, two], position));
    expect(mirror.clusters()).toEqual(["eu-1", "us-1"]);
    expect([...mirror.clustersOf(uidOf(1))]).toEqual(["eu-1", "us-1"]);
    expect(mirror.monitors()).toEqual([uidOf(1), uidOf(2)]);
    expect(mirror.cluster("eu-1").headSequence).toBe(4);
    expect(mirror.cluster("eu-1").assignments.get(uidOf(1))?.content).toBe(contentHash(assignment(1)));
    expect([mirror.size, mirror.epochs()]).toEqual([4, [1]]);
  });

  it("keeps what is sealed: a hub that starts anew could not seal it to the same bytes", () => {
    const sealedHeaders = [{ name: "X-Key", sealed: "AAAA", secretVersion: "1", origin: "2" }];
    const mirror = mirrorOf({ ...one, payload: encodeAssignment({ ...assignment(1), sealedHeaders }) }, two);
    expect(mirror.cluster("eu-1").assignments.get(uidOf(1))?.sealedHeaders).toEqual(sealedHeaders);
    expect(mirror.cluster("eu-1").assignments.get(uidOf(2))).not.toHaveProperty("sealedHeaders");
  });

  it("forgets what was deleted, and digests what is left", () => {
    const mirror = mirrorOf(one, two, deleted(5, "eu-1", 1));
    expect(mirror.monitors()).toEqual([uidOf(2)]);
    expect(sameSummary(mirror.cluster("eu-1").digest.summary, headOver([two], position))).toBe(true);
  });

  it("takes no message in that is older than what it knows", () => {
    const newer = put(7, "eu-1", 1, 2);
    const mirror = mirrorOf(newer, one, head(9, "eu-1", [newer], { epoch: 2, generation: 1 }), head(8, "eu-1", [one], position));
    expect(mirror.inconsistentClusters()).toEqual([]);
    expect(mirror.cluster("eu-1").head?.epoch).toBe(2);
  });

  it("does not let reading bring back what an own commit deleted", () => {
    const mirror = mirrorOf(one);
    expect(mirror.commit([deleted(5, "eu-1", 1)])).toBe(true);
    mirror.apply(put(3, "eu-1", 1, 2));
    expect(mirror.monitors()).toEqual([]);
    mirror.apply(deleted(5, "eu-1", 1));
    mirror.apply(put(6, "eu-1", 1, 3));
    expect(mirror.monitors()).toEqual([uidOf(1)]);
  });

  it.each<[string, StreamMessage[], StreamMessage]>([
    ["an assignment", [put(20, "eu-1", 1)], put(7, "eu-1", 1, 2)],
    ["an assignment with the very sequence of another", [put(20, "eu-1", 1)], deleted(20, "eu-1", 1)],
    ["a head", [head(20, "eu-1", [], position)], head(7, "eu-1", [one], position)],
  ])("says that the store went back when it knew %s as new as the commit", (_, known, committed) => {
    expect(mirrorOf(...known).commit([committed])).toBe(false);
  });

  it("says that the store went back when a commit is older than an own delete", () => {
    const mirror = mirrorOf();
    mirror.commit([deleted(20, "eu-1", 1)]);
    expect(mirror.commit([put(7, "eu-1", 1)])).toBe(false);
  });

  it.each<[string, StreamMessage[], string[]]>([
    ["nothing when heads sum up their sets", [one, head(3, "eu-1", [one], position)], []],
    ["nothing for a cluster whose head went with its last assignment", [{ subject: headSubject("eu-1"), sequence: 3, payload: null }], []],
    ["a cluster without a head", [one], ["eu-1"]],
    ["a cluster with another set than its head says", [one, head(3, "eu-1", [one], position), put(4, "eu-1", 1, 2)], ["eu-1"]],
    ["a cluster whose head cannot be read", [one, rubbish(3, headSubject("eu-1"))], ["eu-1"]],
    ["a cluster whose head the hub signed and cannot read", [one, signed(rubbish(3, headSubject("eu-1")))], ["eu-1"]],
    ["a cluster whose head is not signed by the hub", [one, forged(head(3, "eu-1", [one], position))], ["eu-1"]],
    ["a cluster with nothing but a head that is not signed by the hub", [forged(head(3, "eu-1", [], position))], ["eu-1"]],
    ["a cluster whose only assignment was deleted by hand", [one, head(3, "eu-1", [one], position), deleted(4, "eu-1", 1)], ["eu-1"]],
  ])("names as inconsistent %s", (_, messages, names) => expect(mirrorOf(...messages).inconsistentClusters()).toEqual(names));

  it.each<[string, StreamMessage]>([
    ["rubbish", rubbish(1, one.subject)],
    ["another monitor's assignment", { ...one, payload: encodeAssignment(assignment(2)) }],
  ])("counts %s under a monitor's key as stored, with no content", (_, message) => {
    const stored = mirrorOf(message).cluster("eu-1").assignments.get(uidOf(1));
    expect([stored?.sequence, stored?.content]).toEqual([1, undefined]);
  });

  it.each<[string, (message: StreamMessage) => StreamMessage]>([
    ["without a signature", ({ subject, sequence, payload }) => ({ subject, sequence, payload })],
    ["with another message's signature", forged],
    ["of another cluster", (message) => ({ ...message, subject: headSubject("us-1") })],
  ])("lets no head %s raise the epoch, or stand for the one before", (_, forge) => {
    const far = forge(head(9, "eu-1", [one], { epoch: 1e15, generation: 1 }));
    const mirror = mirrorOf(one, head(3, "eu-1", [one], position), far);
    const cluster = parseAssignmentSubject(far.subject)?.cluster ?? "";
    expect(mirror.epochs()).not.toContain(1e15);
    expect([mirror.cluster(cluster).head, mirror.cluster(cluster).headSequence]).toEqual([undefined, 9]);
  });

  it("keeps the sequence of a head that is gone: the next one is compared against it", () => {
    const mirror = mirrorOf(head(3, "eu-1", [], position), { subject: headSubject("eu-1"), sequence: 9, payload: null });
    expect([mirror.cluster("eu-1").head, mirror.cluster("eu-1").headSequence]).toEqual([undefined, 9]);
  });
});
