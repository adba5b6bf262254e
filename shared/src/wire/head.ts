import { type CloudEvent, decodeJson, encodeJson, EVENT_TYPES, parseEvent } from "./cloud-event.ts";
import { egressSchema, type EgressSettings } from "./egress.ts";
import { compileSchema } from "./schema.ts";

/** Order of a cluster's assignment sets: lexicographic by epoch (the writer's), then generation (its change counter). */
export interface Position {
  epoch: number;
  generation: number;
}

/** What makes a set recognisable: how many assignments, and their checksum (see protocol/set-digest.ts). */
export interface SetSummary {
  count: number;
  /** 64 hex digits. */
  checksum: string;
}

/** What the hub tells the cluster about itself. Travels in the head, so that it changes in the same step as the set. */
export interface ClusterSettings {
  region: string;
  heartbeatIntervalMs: number;
  /** Absent: only what is never reached by default is kept back. */
  egress?: EgressSettings;
}

/** Stored under `$KV.assign.<cluster>.head`: the proof of which assignments make up the cluster's complete set. */
export interface Head extends Position, SetSummary {
  settings: ClusterSettings;
}

export const positionProperties = {
  epoch: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  generation: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
} as const;

export const summaryProperties = {
  count: { type: "integer", minimum: 0 },
  checksum: { type: "string", pattern: "^[0-9a-f]{64}$" },
} as const;

const validateHead = compileSchema<Head>({
  type: "object",
  required: ["epoch", "generation", "count", "checksum", "settings"],
  properties: {
    ...positionProperties,
    ...summaryProperties,
    settings: {
      type: "object",
      required: ["region", "heartbeatIntervalMs"],
      properties: { region: { type: "string" }, heartbeatIntervalMs: { type: "integer", minimum: 100 }, egress: egressSchema },
    },
  },
});

export function encodeHead(cluster: string, head: Head): Uint8Array {
  const event: CloudEvent<Head> = {
    specversion: "1.0",
    id: `${cluster}.${head.epoch}.${head.generation}`,
    type: EVENT_TYPES.head,
    source: "/hub",
    subject: cluster,
    datacontenttype: "application/json",
    data: head,
  };
  return encodeJson(event);
}

/** @throws WireError */
export function parseHead(bytes: Uint8Array): Head {
  return parseEvent(decodeJson(bytes), EVENT_TYPES.head, validateHead).data;
}
