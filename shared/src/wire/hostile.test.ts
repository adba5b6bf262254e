import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AssignmentMirror } from "../protocol/mirror.ts";
import { Staging } from "../protocol/staging.ts";
import { assignment, head, put } from "../protocol/testing.ts";
import { parseAssignment } from "./assignment.ts";
import { encodeJson } from "./cloud-event.ts";
import { WireError } from "./errors.ts";
import { parseHead } from "./head.ts";
import { encodeHeartbeat, parseHeartbeat } from "./heartbeat.ts";
import { parseResultBatch } from "./result.ts";
import { assignmentSubject } from "./subjects.ts";

const HEARTBEAT = {
  agentEpoch: 1,
  sequence: 1,
  sentAt: 1_800_000_000_000,
  agentVersion: "1.0.0",
  heartbeatIntervalMs: 10_000,
  held: null,
  probesPerSecond: 1,
  outbox: { queued: 0, lost: 0 },
  assignmentResets: 0,
};
const RESULT = {
  specversion: "1.0",
  id: "1-1",
  type: "com.example.monitoring.probe-result.v1",
  source: "/clusters/eu-1",
  data: { uid: assignment(1).uid, namespace: "default", name: "m1", checkHash: "a", scheduledAt: 1, endedAt: 2, agentEpoch: 1, sequence: 1, success: true, statusCode: 200, durationMs: 1, phases: {} },
};

/** Each parser with a message that it takes. */
const PARSERS: [string, (bytes: Uint8Array) => unknown, unknown][] = [
  ["parseAssignment", parseAssignment, jsonOf(put(1, "eu-1", 1).payload)],
  ["parseHead", parseHead, jsonOf(head(1, "eu-1", [], { epoch: 1, generation: 1 }).payload)],
  ["parseHeartbeat", parseHeartbeat, jsonOf(encodeHeartbeat("eu-1", HEARTBEAT))],
  ["parseResultBatch", parseResultBatch, [RESULT]],
];

function jsonOf(bytes: Uint8Array | null): unknown {
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes ?? new Uint8Array()));
  return value;
}

/** Values that parsers trip over. */
const nasty = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(null, -1, 1e308, 0.5, "", [], {}, true, "\u0000", "__proto__", Number.MAX_SAFE_INTEGER + 1, JSON.parse('{"__proto__":{"polluted":true}}'), { constructor: { prototype: { polluted: true } } }),
);

/** The value with something nasty put in the place that `path` leads to; numbers pick keys, so that every place is reached. */
function mutate(value: unknown, path: readonly number[], put: unknown): unknown {
  const [pick, ...rest] = path;
  if (typeof value !== "object" || value === null || pick === undefined) return put;
  const keys = Object.keys(value);
  const at = keys[pick % Math.max(1, keys.length)];
  if (at === undefined) return put;
  if (Array.isArray(value)) return value.map((item: unknown, index) => (String(index) === at ? mutate(item, rest, put) : item));
  return Object.fromEntries(Object.entries(value).map(([key, item]: [string, unknown]) => [key, key === at ? mutate(item, rest, put) : item]));
}

function onlyWireErrors(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
  }
  expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
}

describe.each(PARSERS)("%s", (_, parse, valid) => {
  it("takes its own message", () => expect(() => parse(encodeJson(valid))).not.toThrow());

  it("refuses arbitrary bytes with a WireError and nothing else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => parse(bytes)).toThrow(WireError);
      }),
    );
  });

  it("refuses a mutated message with a WireError and nothing else, and pollutes no prototype", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 4 }), nasty, (path, put) => {
        onlyWireErrors(() => parse(encodeJson(mutate(valid, path, put))));
      }),
      { numRuns: 500 },
    );
  });

  it.each(["null", "[]", "0", '""', "{}", "", "[[]]", "\ufeff{}", '{"__proto__":{"specversion":"1.0"}}'])("does not choke on %j", (text) => onlyWireErrors(() => parse(new TextEncoder().encode(text))));

  it("does not take required fields from a prototype that the message brings along", () => {
    const json = JSON.stringify(Array.isArray(valid) ? valid[0] : valid);
    const hidden = `{"__proto__":${json}}`;
    const text = Array.isArray(valid) ? `[${hidden}]` : hidden;
    if (Array.isArray(valid)) expect(parseResultBatch(new TextEncoder().encode(text))).toMatchObject({ events: [], refused: [{ code: "INVALID_MESSAGE" }] });
    else expect(() => parse(new TextEncoder().encode(text))).toThrow(WireError);
  });
});

describe("hostile bytes", () => {
  it("in one result never keep the others of its batch back", () => {
    fc.assert(
      fc.property(fc.array(nasty, { maxLength: 5 }), fc.nat(5), (others, at) => {
        const batch = others.toSpliced(at, 0, RESULT);
        expect(parseResultBatch(encodeJson(batch)).events.map(({ id }) => id)).toContain("1-1");
      }),
    );
  });

  it("nested 50,000 deep stop neither the writer's mirror nor an agent", () => {
    const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
    const bytes = new TextEncoder().encode(JSON.stringify({ ...Object(jsonOf(put(1, "eu-1", 1).payload)), data: { ...assignment(1), later: 1 } }).replace('"later":1', `"later":${deep}`));
    const message = { subject: assignmentSubject("eu-1", assignment(1).uid), sequence: 1, payload: bytes };
    expect(() => new AssignmentMirror(() => true).apply(message)).not.toThrow();
    expect(() => new Staging("eu-1", () => true).receive(message)).not.toThrow();
    onlyWireErrors(() => parseAssignment(bytes));
  });

  it("are refused with a sentence that names the place", () => {
    const keys = Object.keys(new Object(PARSERS[1]?.[2]));
    expect(() => parseHead(encodeJson(mutate(PARSERS[1]?.[2], [keys.indexOf("data"), 0], -1)))).toThrow(/^event\.data\.epoch must be >= 0$/);
  });
});
