import { WireError } from "./errors.ts";
import { compileSchema, type Validate } from "./schema.ts";

/**
 * The envelope of every message: CloudEvents 1.0, structured JSON mode, with the `traceparent` extension
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md). Results travel in batch mode: a JSON array.
 */
export interface CloudEvent<Data> {
  specversion: "1.0";
  /** Unique per source. */
  id: string;
  type: string;
  source: string;
  subject?: string;
  /** RFC 3339. */
  time?: string;
  datacontenttype?: string;
  /** W3C Trace Context, so that one trace id follows a change from hub to agent to target and back. */
  traceparent?: string;
  data: Data;
}

const EVENT_TYPE_PREFIX = "com.example.monitoring";

export const EVENT_TYPES = {
  assignment: `${EVENT_TYPE_PREFIX}.assignment.v1`,
  head: `${EVENT_TYPE_PREFIX}.assignment-head.v1`,
  result: `${EVENT_TYPE_PREFIX}.probe-result.v1`,
  heartbeat: `${EVENT_TYPE_PREFIX}.heartbeat.v1`,
  enrolRequest: `${EVENT_TYPE_PREFIX}.enrol-request.v1`,
  renewRequest: `${EVENT_TYPE_PREFIX}.renew-request.v1`,
  identityAnswer: `${EVENT_TYPE_PREFIX}.identity-answer.v1`,
} as const;

const validateEnvelope: Validate<CloudEvent<unknown>> = compileSchema({
  type: "object",
  required: ["specversion", "id", "type", "source", "data"],
  properties: {
    specversion: { const: "1.0" },
    id: { type: "string", minLength: 1 },
    type: { type: "string", minLength: 1 },
    source: { type: "string", minLength: 1 },
    subject: { type: "string", minLength: 1 },
    time: { type: "string", minLength: 1 },
    datacontenttype: { const: "application/json" },
    traceparent: { type: "string", pattern: "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$" },
    data: {},
  },
});

const decoder = new TextDecoder("utf-8", { fatal: true });
const encoder = new TextEncoder();

export function encodeJson(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

/** @throws WireError INVALID_MESSAGE when the bytes are not UTF-8 JSON. */
export function decodeJson(bytes: Uint8Array): unknown {
  try {
    const parsed: unknown = JSON.parse(decoder.decode(bytes));
    return parsed;
  } catch (cause) {
    throw new WireError("INVALID_MESSAGE", "the message is not UTF-8 JSON", { cause });
  }
}

/**
 * Checks an envelope and its data.
 * @throws WireError INVALID_MESSAGE, or UNKNOWN_EVENT_TYPE with the sentence of the contract.
 */
export function parseEvent<Data>(value: unknown, type: string, validateData: Validate<Data>): CloudEvent<Data> {
  const event = validateEnvelope(value, "event");
  if (event.type !== type) throw new WireError("UNKNOWN_EVENT_TYPE", `no processor for event type: ${event.type}`);
  return { ...event, data: validateData(event.data, "event.data") };
}
