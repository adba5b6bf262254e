import { type CloudEvent, decodeJson, encodeJson, EVENT_TYPES, parseEvent } from "./cloud-event.ts";
import { WireError } from "./errors.ts";
import { compileSchema } from "./schema.ts";

/** Phases of one probe in milliseconds; a phase that did not take place is absent. With redirects they are summed over the hops. */
export interface Phases {
  dns?: number;
  connect?: number;
  tls?: number;
  /** From the request sent to the first byte of the response. */
  firstByte?: number;
  transfer?: number;
}

/** Outcome of one probe. Identified by (cluster, uid, checkHash, scheduledAt); ordered per cluster by (agentEpoch, sequence). */
export interface ProbeResult {
  uid: string;
  namespace: string;
  name: string;
  checkHash: string;
  /** Milliseconds since the Unix epoch on the agent's clock, as are the other times. */
  scheduledAt: number;
  endedAt: number;
  /** Rises with each start of the agent. */
  agentEpoch: number;
  /** Rises with each result of the agent. */
  sequence: number;
  success: boolean;
  /** 0 without a response; the code seen otherwise, also when the probe failed. */
  statusCode: number;
  /** Total, from the start of DNS to the last body byte, in milliseconds. */
  durationMs: number;
  phases: Phases;
  /** Absent on success. */
  error?: { code: string; message: string };
  /** Seconds since the Unix epoch: the earliest end of the certificates seen. */
  certificateExpiresAt?: number;
}

const milliseconds = { type: "number", minimum: 0 } as const;
const instant = { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;

const validateResult = compileSchema<ProbeResult>({
  type: "object",
  required: ["uid", "namespace", "name", "checkHash", "scheduledAt", "endedAt", "agentEpoch", "sequence", "success", "statusCode", "durationMs", "phases"],
  properties: {
    uid: { type: "string", pattern: "^[0-9a-f-]{36}$" },
    namespace: { type: "string", minLength: 1, maxLength: 63 },
    name: { type: "string", minLength: 1, maxLength: 63 },
    checkHash: { type: "string", minLength: 1, maxLength: 64 },
    scheduledAt: instant,
    endedAt: instant,
    agentEpoch: instant,
    sequence: instant,
    success: { type: "boolean" },
    statusCode: { type: "integer", minimum: 0, maximum: 999 },
    durationMs: milliseconds,
    phases: {
      type: "object",
      properties: { dns: milliseconds, connect: milliseconds, tls: milliseconds, firstByte: milliseconds, transfer: milliseconds },
    },
    error: {
      type: "object",
      required: ["code", "message"],
      properties: { code: { type: "string", minLength: 1, maxLength: 64 }, message: { type: "string", maxLength: 512 } },
    },
    certificateExpiresAt: { type: "number" },
  },
});

/** Wraps one result. `traceparent` names the probe's root span. */
export function resultEvent(cluster: string, result: ProbeResult, traceparent?: string): CloudEvent<ProbeResult> {
  return {
    specversion: "1.0",
    id: `${result.agentEpoch}-${result.sequence}`,
    type: EVENT_TYPES.result,
    source: `/clusters/${cluster}`,
    subject: `${result.namespace}/${result.name}`,
    time: new Date(result.endedAt).toISOString(),
    datacontenttype: "application/json",
    ...(traceparent === undefined ? {} : { traceparent }),
    data: result,
  };
}

/** A batch in CloudEvents' JSON batch format. */
export function encodeResultBatch(events: readonly CloudEvent<ProbeResult>[]): Uint8Array {
  return encodeJson(events);
}

/** The same batch, from events that are JSON text already: an outbox encodes each event once. */
export function joinResultBatch(encodedEvents: readonly string[]): Uint8Array {
  return new TextEncoder().encode(`[${encodedEvents.join(",")}]`);
}

export interface ParsedBatch {
  events: CloudEvent<ProbeResult>[];
  /** One for each event that could not be read: it never blocks the rest. */
  refused: WireError[];
}

/** @throws WireError when the bytes are no JSON array at all. */
export function parseResultBatch(bytes: Uint8Array): ParsedBatch {
  const value = decodeJson(bytes);
  if (!Array.isArray(value)) throw new WireError("INVALID_MESSAGE", "a result batch must be a JSON array of CloudEvents");
  const batch: ParsedBatch = { events: [], refused: [] };
  for (const item of value) {
    try {
      batch.events.push(parseEvent(item, EVENT_TYPES.result, validateResult));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      batch.refused.push(error);
    }
  }
  return batch;
}
