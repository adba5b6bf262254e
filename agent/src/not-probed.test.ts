import { assignmentSubject, encodeHeartbeat, parseHeartbeat } from "@sightline/shared/wire";
import { describe, expect, it } from "vitest";
import { notProbed } from "./not-probed.ts";

const uid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
const uids = (count: number, from = 0): string[] => Array.from({ length: count }, (_none, index) => uid(from + index));
const unreadable = (all: string[]): { subject: string }[] => all.map((id) => ({ subject: assignmentSubject("eu-1", id) }));

describe("what a heartbeat says of checks that are not probed", () => {
  it("is nothing when all are", () => expect(notProbed({ overloaded: new Set(), unreadable: [] })).toEqual({}));

  it("names them by reason", () => {
    expect(notProbed({ overloaded: new Set([uid(1)]), unreadable: unreadable([uid(2)]) })).toEqual({ notProbed: { overloaded: [uid(1)], unreadable: [uid(2)], more: 0 } });
  });

  it("names at most 1,000, counts the others, and stays readable", () => {
    const said = notProbed({ overloaded: new Set(uids(5000)), unreadable: unreadable(uids(300, 5000)) });
    expect(said.notProbed).toMatchObject({ more: 4300 });
    expect([said.notProbed?.overloaded.length, said.notProbed?.unreadable.length]).toEqual([700, 300]);
    const only = notProbed({ overloaded: new Set(), unreadable: unreadable(uids(1500)) });
    expect([only.notProbed?.unreadable.length, only.notProbed?.more]).toEqual([1000, 500]);
    const heartbeat = { agentEpoch: 1, sequence: 1, sentAt: 1, agentVersion: "1", heartbeatIntervalMs: 1, held: null, probesPerSecond: 0, outbox: { queued: 0, lost: 0 }, assignmentResets: 0, ...said };
    const bytes = encodeHeartbeat("eu-1", heartbeat);
    expect(parseHeartbeat(bytes)).toEqual(heartbeat);
    expect(bytes.length).toBeLessThan(64 * 1024);
  });
});
