import { describe, expect, it } from "vitest";
import { WireError } from "../wire/errors.ts";
import { headSubject } from "../wire/subjects.ts";
import { type CompleteSet, isWhole, Staging, type StreamMessage } from "./staging.ts";
import { deleted, forged, head, headOver, isAuthentic, put, rubbish, signed } from "./testing.ts";

const first = { epoch: 1, generation: 1 };
const second = { epoch: 1, generation: 2 };

function receiveAll(staging: Staging, messages: readonly StreamMessage[]): (CompleteSet | undefined)[] {
  return messages.map((message) => staging.receive(message));
}

function running(messages: readonly StreamMessage[], position = first): CompleteSet {
  const { payload, signature } = head(1, "eu-1", messages, position);
  const payloads = new Map(messages.map((message) => [message.subject, message.payload ?? new Uint8Array()]));
  return { head: headOver(messages, position), signed: { payload: payload ?? new Uint8Array(), signature: signature ?? "" }, payloads };
}

describe("staging", () => {
  const one = put(1, "eu-1", 1);
  const two = put(2, "eu-1", 2);

  it("switches in one step, when the head matches everything staged", () => {
    const staging = new Staging("eu-1", isAuthentic);
    const [afterOne, afterTwo, set] = receiveAll(staging, [one, two, head(3, "eu-1", [one, two], first)]);
    expect([afterOne, afterTwo]).toEqual([undefined, undefined]);
    expect([...(set?.payloads.keys() ?? [])]).toEqual([one.subject, two.subject]);
    expect(staging.active).toBe(set);
    expect(staging.state).toBe("in-sync");
  });

  it("waits when a head comes before its set is whole, and switches with the last message of the set", () => {
    const staging = new Staging("eu-1", isAuthentic);
    const late = put(4, "eu-1", 2);
    expect(receiveAll(staging, [one, head(3, "eu-1", [one, late], first)])).toEqual([undefined, undefined]);
    expect(staging.state).toBe("incomplete");
    expect(staging.receive(late)?.payloads.size).toBe(2);
  });

  it("takes the empty set from a head that says so, and from nothing else", () => {
    const staging = new Staging("eu-1", isAuthentic, running([one]));
    expect(staging.receive(deleted(5, "eu-1", 1))).toBeUndefined();
    expect(staging.active?.payloads.size).toBe(1);
    expect(staging.receive(head(6, "eu-1", [], second))?.payloads.size).toBe(0);
  });

  it.each<[string, StreamMessage[], Staging["state"]]>([
    ["is incomplete before any head", [one], "incomplete"],
    ["is incomplete when the head was deleted", [one, head(3, "eu-1", [one], second), { subject: headSubject("eu-1"), sequence: 4, payload: null }], "incomplete"],
    ["is in sync with the head of what runs", [one, head(3, "eu-1", [one], first)], "in-sync"],
    ["is behind a newer set that runs", [two, head(3, "eu-1", [two], { epoch: 0, generation: 9 })], "behind"],
    ["is behind when another set has the position of what runs", [two, head(3, "eu-1", [two], first)], "behind"],
  ])("%s", (_, messages, state) => {
    const active = running([one]);
    const staging = new Staging("eu-1", isAuthentic, active);
    const before = messages.length === 3 ? running([one], second) : active;
    receiveAll(staging, messages);
    expect(staging.state).toBe(state);
    expect(staging.active?.payloads).toEqual(before.payloads);
  });

  it("keeps the newer of two messages with one key, whatever the order of delivery", () => {
    const newer = put(7, "eu-1", 1, 2);
    const staging = new Staging("eu-1", isAuthentic);
    receiveAll(staging, [newer, one, head(8, "eu-1", [newer], first), head(3, "eu-1", [one], second)]);
    expect(staging.active?.payloads).toEqual(new Map([[newer.subject, newer.payload]]));
  });

  it("ignores other clusters and foreign subjects", () => {
    const staging = new Staging("eu-1", isAuthentic);
    receiveAll(staging, [put(1, "us-1", 1), rubbish(2, "$KV.assign.eu-1.not-a-uid"), rubbish(3, "results.0.eu-1"), one]);
    expect(staging.receive(head(9, "eu-1", [one], first))?.payloads.size).toBe(1);
  });

  it("stays as it was when a head cannot be read", () => {
    const staging = new Staging("eu-1", isAuthentic);
    receiveAll(staging, [one, head(3, "eu-1", [one], first)]);
    expect(() => staging.receive(signed(rubbish(4, headSubject("eu-1"))))).toThrow(WireError);
    expect(staging.state).toBe("in-sync");
  });

  it.each<[string, (message: StreamMessage) => StreamMessage]>([
    ["has no signature", ({ subject, sequence, payload }) => ({ subject, sequence, payload })],
    ["has another message's signature", forged],
    ["has another cluster's", () => ({ ...head(0, "us-1", [two], { epoch: 1e15, generation: 1 }), subject: headSubject("eu-1"), sequence: 20 })],
    ["has the signature of the head before", (message) => ({ ...message, signature: head(0, "eu-1", [one], first).signature ?? "" })],
  ])("does not switch to a forged set, whole and of a far epoch, whose head %s; what runs goes on", (_, forge) => {
    const staging = new Staging("eu-1", isAuthentic);
    receiveAll(staging, [one, head(3, "eu-1", [one], first)]);
    const before = staging.active;
    receiveAll(staging, [deleted(10, "eu-1", 1), { ...two, sequence: 11 }]);
    expect(() => staging.receive(forge(head(20, "eu-1", [two], { epoch: 1e15, generation: 1 })))).toThrow("the head is not signed by the hub");
    expect([staging.active, staging.state]).toEqual([before, "incomplete"]);
    receiveAll(staging, [deleted(30, "eu-1", 2), { ...one, sequence: 31 }, head(32, "eu-1", [one], second)]);
    expect([staging.active?.head.generation, staging.state]).toEqual([2, "in-sync"]);
  });

  it("starts over without touching what runs", () => {
    const staging = new Staging("eu-1", isAuthentic);
    receiveAll(staging, [put(90, "eu-1", 1), head(91, "eu-1", [put(90, "eu-1", 1)], first)]);
    const active = staging.active;
    staging.startOver();
    expect([staging.active, staging.state]).toEqual([active, "incomplete"]);
    receiveAll(staging, [two, head(3, "eu-1", [two], second)]);
    expect([...(staging.active?.payloads.keys() ?? [])]).toEqual([two.subject]);
  });
});

describe("isWhole", () => {
  const one = put(1, "eu-1", 1);

  it.each<[string, CompleteSet, boolean]>([
    ["takes a set that its head sums up", running([one]), true],
    ["takes the empty set", running([]), true],
    ["refuses a set with a changed payload", { ...running([one]), payloads: new Map([[one.subject, new Uint8Array([1])]]) }, false],
    ["refuses a set that lacks one", { ...running([one]), payloads: new Map() }, false],
    ["refuses another cluster's set", running([put(1, "us-1", 1)]), false],
    ["refuses a set whose head is not signed by the hub", { ...running([one]), signed: { ...running([one]).signed, signature: "" } }, false],
    ["refuses a head among the assignments", running([head(1, "eu-1", [], first)]), false],
  ])("%s", (_, set, whole) => expect(isWhole("eu-1", set, isAuthentic)).toBe(whole));
});
