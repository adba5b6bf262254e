import type { NatsConnection } from "@sightline/shared/nats";
import { type CHECKPOINT_STREAM, EVENT_TYPES, type RESULT_STREAM } from "@sightline/shared/wire";

/** Bytes that no honest sender sends. */
export const GARBAGE: readonly (readonly [string, Uint8Array | string])[] = [
  ["nothing", ""],
  ["no JSON", "\u0000\u0001garbage"],
  ["no UTF-8", new Uint8Array([0xff, 0xfe, 0xfd])],
  ["a bare number", "42"],
  ["null", "null"],
  ["deep JSON", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
  ["deep objects", `${'{"data":'.repeat(20_000)}1${"}".repeat(20_000)}`],
  ["prototype keys", '{"__proto__":{"success":true},"constructor":{"prototype":{"polluted":1}},"specversion":"1.0","id":"1","type":"x","source":"y","data":{"__proto__":{"polluted":1}}}'],
  ["a batch of prototype keys", '[{"__proto__":{"polluted":1},"specversion":"1.0","id":"1","type":"x","source":"y","data":{}}]'],
  ["an unknown event type", JSON.stringify({ specversion: "1.0", id: "1", type: "com.example.unknown", source: "/x", data: {} })],
  ["nearly a megabyte", `"${"x".repeat(1_000_000)}"`],
];

/** An event of one type, valid in its envelope. */
export function event(type: keyof typeof EVENT_TYPES, source: string, data: object): object {
  return { specversion: "1.0", id: "forged", type: EVENT_TYPES[type], source, subject: "forged", datacontenttype: "application/json", data };
}

export function heartbeatData(change: object): object {
  return {
    agentEpoch: 1,
    sequence: 1,
    sentAt: Date.now(),
    agentVersion: "0.0.0",
    heartbeatIntervalMs: 1000,
    held: null,
    probesPerSecond: 0,
    outbox: { queued: 0, lost: 0 },
    assignmentResets: 0,
    ...change,
  };
}

export interface ResultIdentity {
  uid: string;
  namespace: string;
  name: string;
  checkHash: string;
}

/** A failure of the monitor, as nobody measured it. */
export function resultData(identity: ResultIdentity, change: object): object {
  return {
    ...identity,
    scheduledAt: Date.now(),
    endedAt: Date.now(),
    agentEpoch: 1,
    sequence: Number.MAX_SAFE_INTEGER,
    success: false,
    statusCode: 500,
    durationMs: 1,
    phases: {},
    error: { code: "UNEXPECTED_STATUS", message: "forged" },
    ...change,
  };
}

/** Messages that a stream has stored so far. */
export async function storedCount(connection: NatsConnection, stream: typeof RESULT_STREAM | typeof CHECKPOINT_STREAM | "parked"): Promise<number> {
  const info = (await connection.request(`$JS.API.STREAM.INFO.${stream}`)).json<{ state: { last_seq: number } }>();
  return info.state.last_seq;
}
