import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Assignment, encodeAssignment, parseAssignment } from "./assignment.ts";
import { encodeJson } from "./cloud-event.ts";
import { encodeHead, parseHead } from "./head.ts";
import { encodeHeartbeat, parseHeartbeat } from "./heartbeat.ts";
import { encodeResultBatch, joinResultBatch, parseResultBatch, type ProbeResult, resultEvent } from "./result.ts";

/** Arbitrary values of every message. */
const natural = fc.maxSafeNat();
const instant = fc.nat({ max: 8_640_000_000_000_000 });
const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });
const hex = (length: number): fc.Arbitrary<string> => fc.string({ unit: fc.constantFrom(..."0123456789abcdef".split("")), minLength: length, maxLength: length });
const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/);
const traceparent = fc.tuple(hex(32), hex(16)).map(([trace, span]) => `00-${trace}-${span}-01`);
const milliseconds = fc.double({ min: 0, max: 1e9, noNaN: true }).map((value) => (Object.is(value, -0) ? 0 : value));
/** With `undefined` left out, as JSON does. */
const record = <T>(model: { [P in keyof T]: fc.Arbitrary<T[P]> }, requiredKeys: (keyof T)[]): fc.Arbitrary<unknown> =>
  fc.record(model, { requiredKeys, noNullPrototype: true });

const check = record(
  {
    url: text.map((path) => `https://${encodeURIComponent(path)}`),
    method: fc.constantFrom("GET", "POST", "PROPFIND"),
    headers: fc.dictionary(text.filter((name) => name !== "__proto__"), fc.string(), { maxKeys: 5, noNullPrototype: true }),
    secretHeaders: fc.array(text, { maxLength: 3 }),
    body: fc.string({ unit: "grapheme" }),
    intervalMs: fc.integer({ min: 1000, max: 86_400_000 }),
    timeoutMs: fc.integer({ min: 1, max: 86_400_000 }),
    expectedStatuses: fc.array(fc.constantFrom("200", "2xx", "200-204"), { minLength: 1, maxLength: 4 }),
    redirects: record({ follow: fc.boolean(), max: fc.nat(100) }, ["follow", "max"]),
    connection: fc.constantFrom("Fresh", "Reuse"),
  },
  ["url", "method", "headers", "intervalMs", "timeoutMs", "expectedStatuses", "redirects", "connection"],
);
const sealedHeader = record({ name: text, sealed: fc.base64String(), secretVersion: hex(32), origin: hex(32) }, ["name", "sealed", "secretVersion", "origin"]);
const sealedHeaders = fc.array(sealedHeader, { maxLength: 3 });
const assignments = record({ uid: fc.uuid(), namespace: text, name: text, checkHash: hex(32), check, suspend: fc.boolean(), probeRequestedAt: fc.maxSafeInteger(), sealedHeaders }, ["uid", "namespace", "name", "checkHash", "check", "suspend"]);
const position = { epoch: natural, generation: natural, count: natural, checksum: hex(64) };
const settings = record({ region: fc.string(), heartbeatIntervalMs: fc.integer({ min: 100, max: 1e9 }) }, ["region", "heartbeatIntervalMs"]);
const heads = record({ ...position, settings }, ["epoch", "generation", "count", "checksum", "settings"]);
const held = fc.option(record(position, ["epoch", "generation", "count", "checksum"]));
const heartbeats = record(
  {
    agentEpoch: natural,
    sequence: natural,
    sentAt: instant,
    agentVersion: fc.string({ maxLength: 30 }),
    heartbeatIntervalMs: natural,
    held,
    probesPerSecond: milliseconds,
    outbox: record({ queued: natural, lost: natural }, ["queued", "lost"]),
    assignmentResets: natural,
    notProbed: record({ overloaded: fc.array(fc.uuid(), { maxLength: 5 }), unreadable: fc.array(fc.uuid(), { maxLength: 5 }), more: natural }, ["overloaded", "unreadable", "more"]),
  },
  ["agentEpoch", "sequence", "sentAt", "agentVersion", "heartbeatIntervalMs", "held", "probesPerSecond", "outbox", "assignmentResets"],
);
const results = record(
  {
    uid: fc.uuid(),
    namespace: label,
    name: label,
    checkHash: hex(32),
    scheduledAt: instant,
    endedAt: instant,
    agentEpoch: natural,
    sequence: natural,
    success: fc.boolean(),
    statusCode: fc.nat(999),
    durationMs: milliseconds,
    phases: record({ dns: milliseconds, connect: milliseconds, tls: milliseconds, firstByte: milliseconds, transfer: milliseconds }, []),
    error: record({ code: text, message: fc.string({ maxLength: 100 }) }, ["code", "message"]),
    certificateExpiresAt: fc.integer(),
  },
  ["uid", "namespace", "name", "checkHash", "scheduledAt", "endedAt", "agentEpoch", "sequence", "success", "statusCode", "durationMs", "phases"],
);

/** A value of the message's own type, by way of its own validator: what is arbitrary is only the content. */
function asAssignment(value: unknown): Assignment {
  return parseAssignment(envelope("com.example.monitoring.assignment.v1", value)).data;
}

function envelope(type: string, data: unknown, more: Record<string, unknown> = {}): Uint8Array {
  return encodeJson({ ...more, specversion: "1.0", id: "1", type, source: "/test", data });
}

function asResult(value: unknown): ProbeResult {
  const [event] = parseResultBatch(encodeJson([{ specversion: "1.0", id: "1", type: "com.example.monitoring.probe-result.v1", source: "/test", data: value }])).events;
  if (event === undefined) throw new Error("the arbitrary result is none");
  return event.data;
}

describe("a message on the wire", () => {
  it("brings an assignment back as it was, with its trace", () => {
    fc.assert(
      fc.property(assignments, fc.option(traceparent, { nil: undefined }), (value, trace) => {
        const event = parseAssignment(encodeAssignment(asAssignment(value), trace));
        expect(event.data).toEqual(value);
        expect(event.traceparent).toBe(trace);
      }),
    );
  });

  it("brings a head back as it was", () => {
    fc.assert(
      fc.property(label, heads, (cluster, value) => {
        const head = parseHead(envelope("com.example.monitoring.assignment-head.v1", value));
        expect(parseHead(encodeHead(cluster, head))).toEqual(value);
      }),
    );
  });

  it("brings a heartbeat back as it was", () => {
    fc.assert(
      fc.property(label, heartbeats, (cluster, value) => {
        const heartbeat = parseHeartbeat(envelope("com.example.monitoring.heartbeat.v1", value));
        expect(parseHeartbeat(encodeHeartbeat(cluster, heartbeat))).toEqual(value);
      }),
    );
  });

  it("brings a batch of results back as it was, in order", () => {
    fc.assert(
      fc.property(label, fc.array(results, { maxLength: 5 }), (cluster, values) => {
        const events = values.map((value) => resultEvent(cluster, asResult(value)));
        const { events: parsed, refused } = parseResultBatch(encodeResultBatch(events));
        expect(refused).toEqual([]);
        expect(parsed.map(({ data }) => data)).toEqual(values);
        expect(joinResultBatch(events.map((event) => JSON.stringify(event)))).toEqual(encodeResultBatch(events));
      }),
    );
  });

  it("is understood when a newer version put fields into it that we do not know", () => {
    const unknown = fc.dictionary(fc.string({ minLength: 1 }).map((name) => `x-${name}`), fc.jsonValue());
    const read = [
      [assignments, "assignment", (bytes: Uint8Array): unknown => parseAssignment(bytes).data],
      [heads, "assignment-head", parseHead],
      [heartbeats, "heartbeat", parseHeartbeat],
    ] as const;
    for (const [values, type, parse] of read) {
      const property = fc.property(values, unknown, unknown, (value, inData, inEnvelope) => {
        const data: unknown = { ...inData, ...Object(value) };
        expect(parse(envelope(`com.example.monitoring.${type}.v1`, data, inEnvelope))).toMatchObject(Object(value));
      });
      fc.assert(property, { numRuns: 50 });
    }
  });
});
