import { type CloudEvent, decodeJson, encodeJson, EVENT_TYPES, parseEvent } from "./cloud-event.ts";
import { type Position, positionProperties, type SetSummary, summaryProperties } from "./head.ts";
import { compileSchema } from "./schema.ts";

/** What an agent says about itself. The cluster is the subject's, never the payload's. */
export interface Heartbeat {
  agentEpoch: number;
  /** Rises with each heartbeat of this agent epoch. */
  sequence: number;
  /** Milliseconds since the Unix epoch on the agent's clock: the hub measures the offset by it. */
  sentAt: number;
  agentVersion: string;
  heartbeatIntervalMs: number;
  /** The set that the agent holds and probes by; null before its first complete set. */
  held: (Position & SetSummary) | null;
  /** Probes per second by the held set's intervals. */
  probesPerSecond: number;
  /** Results waiting to be published, and results given up since the agent started. */
  outbox: { queued: number; lost: number };
  /** How often the agent started over with reading its assignments, since it started. */
  assignmentResets: number;
  /** Checks of the held set that are not probed as they should be. Absent when there is none, and from older agents. */
  notProbed?: NotProbed;
}

/** Why an agent does not probe a check: it has no time for it, or cannot read its assignment. */
export type SkipReason = "overloaded" | "unreadable";

/** UIDs by reason; together at most MAX_NOT_PROBED. */
export interface NotProbed extends Record<SkipReason, string[]> {
  /** So many more there are. */
  more: number;
}

/** A heartbeat names so many checks at most: about 40 KB. */
export const MAX_NOT_PROBED = 1000;

const uids = { type: "array", maxItems: MAX_NOT_PROBED, items: { type: "string", pattern: "^[0-9a-f-]{36}$" } } as const;
const natural = { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;

const validateHeartbeat = compileSchema<Heartbeat>({
  type: "object",
  required: ["agentEpoch", "sequence", "sentAt", "agentVersion", "heartbeatIntervalMs", "held", "probesPerSecond", "outbox", "assignmentResets"],
  properties: {
    agentEpoch: natural,
    sequence: natural,
    sentAt: natural,
    agentVersion: { type: "string", maxLength: 64 },
    heartbeatIntervalMs: natural,
    held: {
      type: ["object", "null"],
      required: ["epoch", "generation", "count", "checksum"],
      properties: { ...positionProperties, ...summaryProperties },
    },
    probesPerSecond: { type: "number", minimum: 0 },
    outbox: { type: "object", required: ["queued", "lost"], properties: { queued: natural, lost: natural } },
    assignmentResets: natural,
    notProbed: {
      type: "object",
      required: ["overloaded", "unreadable", "more"],
      properties: { overloaded: uids, unreadable: uids, more: natural },
    },
  },
});

export function encodeHeartbeat(cluster: string, heartbeat: Heartbeat): Uint8Array {
  const event: CloudEvent<Heartbeat> = {
    specversion: "1.0",
    id: `${heartbeat.agentEpoch}-${heartbeat.sequence}`,
    type: EVENT_TYPES.heartbeat,
    source: `/clusters/${cluster}`,
    subject: cluster,
    time: new Date(heartbeat.sentAt).toISOString(),
    datacontenttype: "application/json",
    data: heartbeat,
  };
  return encodeJson(event);
}

/** @throws WireError */
export function parseHeartbeat(bytes: Uint8Array): Heartbeat {
  return parseEvent(decodeJson(bytes), EVENT_TYPES.heartbeat, validateHeartbeat).data;
}
