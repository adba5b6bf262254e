import type { SigningKey } from "@sightline/shared/identity";
import { type NatsConnection, signedHeaders } from "@sightline/shared/nats";
import { type CHECKPOINT_STREAM, EVENT_TYPES, type RESULT_STREAM } from "@sightline/shared/wire";
import { agentKeyOf } from "../../kit/test-keys.ts";
import type { Sandbox } from "../../sandbox/mod.ts";

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

/** Publishes as the agent of a cluster: what it says is its own, and is listened to. */
export class AgentVoice {
  readonly #connection: NatsConnection;
  readonly #key: SigningKey;

  constructor(connection: NatsConnection, sandbox: Sandbox, cluster: string) {
    this.#connection = connection;
    this.#key = agentKeyOf(sandbox, cluster);
  }

  publish(subject: string, payload: Uint8Array | string): void {
    const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
    this.#connection.publish(subject, bytes, { headers: signedHeaders(this.#key, subject, bytes) });
  }
}

/** Publishes all garbage in each of these names. */
export function sayGarbage(subject: string, names: readonly Pick<AgentVoice, "publish">[]): void {
  for (const name of names) for (const [, payload] of GARBAGE) name.publish(subject, payload);
}

/** What would outrank every honest heartbeat, or come before all of them. */
export const UNLIKELY_HEARTBEATS: readonly object[] = [
  { agentEpoch: Number.MAX_SAFE_INTEGER },
  { sentAt: Number.MAX_SAFE_INTEGER },
  { agentEpoch: 0, sentAt: 0 },
  { held: { epoch: Number.MAX_SAFE_INTEGER, generation: 1, count: 0, checksum: "0".repeat(64) } },
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
