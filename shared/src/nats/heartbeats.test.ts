import { describe, expect, it } from "vitest";
import { encodeHeartbeat, type Heartbeat } from "../wire/heartbeat.ts";
import { type HeartbeatHandlers, receive } from "./heartbeats.ts";

const heartbeat: Heartbeat = {
  agentEpoch: 1,
  sequence: 2,
  sentAt: 3,
  agentVersion: "0.1.0",
  heartbeatIntervalMs: 10_000,
  held: null,
  probesPerSecond: 0,
  outbox: { queued: 0, lost: 0 },
  assignmentResets: 0,
};

/** What became of one message. */
function outcome(subject: string, payload: Uint8Array, trusts: HeartbeatHandlers["trusts"] = () => true): string {
  let told = "nothing";
  receive({ subject, payload, signature: "s" }, {
    trusts,
    heartbeat: (cluster, { sequence }) => void (told = `${cluster} ${sequence}`),
    refused: (refused, { code }) => void (told = `${refused} ${code}`),
  });
  return told;
}

describe("a heartbeat's reception", () => {
  it("takes the cluster from the subject, never from the payload", () => {
    expect(outcome("hb.eu-1", encodeHeartbeat("us-1", heartbeat))).toBe("eu-1 2");
  });

  it("asks who sent it before it reads anything, and does not read what nobody trusts", () => {
    const asked: unknown[] = [];
    const trusts: HeartbeatHandlers["trusts"] = (...question) => asked.push(question) === 0;
    const payload = new Uint8Array([1, 2]);
    expect(outcome("hb.eu-1", payload, trusts)).toBe("nothing");
    expect(asked).toEqual([["eu-1", { subject: "hb.eu-1", payload, signature: "s" }]]);
  });

  it.each([
    ["no JSON", "hb.eu-1", new Uint8Array([1, 2]), "hb.eu-1 INVALID_MESSAGE"],
    ["no heartbeat", "hb.eu-1", new TextEncoder().encode("{}"), "hb.eu-1 INVALID_MESSAGE"],
    ["a name that is no cluster's", "hb.EU_1", encodeHeartbeat("eu-1", heartbeat), "hb.EU_1 INVALID_NAME"],
  ])("refuses %s without failing", (_name, subject, data, expected) => expect(outcome(subject, data)).toBe(expected));
});
