import { type Check, checkSchema } from "./check.ts";
import { type CloudEvent, decodeJson, encodeJson, EVENT_TYPES, parseEvent } from "./cloud-event.ts";
import { compileSchema } from "./schema.ts";

/** One monitor's check, given to one cluster. Stored under `$KV.assign.<cluster>.<uid>`. */
export interface Assignment {
  uid: string;
  namespace: string;
  name: string;
  /** Identity of `check` (see checkHash). */
  checkHash: string;
  check: Check;
  /** Keep the check, do not probe. */
  suspend: boolean;
  /** Each new value asks for one probe now. Milliseconds since the Unix epoch; no part of the check's identity. */
  probeRequestedAt?: number;
  /** Values of `check.secretHeaders`, each for this cluster's agent alone. One that is not here could not be had: the check is not sent without it. */
  sealedHeaders?: SealedHeader[];
}

/** A header whose value only one cluster's agent can open. See secret-header.ts for what is inside. */
export interface SealedHeader {
  name: string;
  /** Base64. */
  sealed: string;
  /** Tells whether the value is still the same, without telling the value: sealing it twice gives two texts. */
  secretVersion: string;
  /** Which source the value was taken from, as a hash of what the monitor names. */
  origin: string;
}

const sealedHeader = {
  type: "object",
  required: ["name", "sealed", "secretVersion", "origin"],
  properties: { name: { type: "string", minLength: 1, maxLength: 256 }, sealed: { type: "string", maxLength: 98_304 }, secretVersion: { type: "string", maxLength: 64 }, origin: { type: "string", maxLength: 64 } },
} as const;

const validateAssignment = compileSchema<Assignment>({
  type: "object",
  required: ["uid", "namespace", "name", "checkHash", "check", "suspend"],
  properties: {
    uid: { type: "string", minLength: 1 },
    namespace: { type: "string", minLength: 1 },
    name: { type: "string", minLength: 1 },
    checkHash: { type: "string", minLength: 1 },
    check: checkSchema,
    suspend: { type: "boolean" },
    probeRequestedAt: { type: "integer", minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
    sealedHeaders: { type: "array", maxItems: 16, items: sealedHeader },
  },
});

/** Stored bytes of an assignment. `traceparent` is the reconcile that wrote it: its first probe is that span's child. */
export function encodeAssignment(assignment: Assignment, traceparent?: string): Uint8Array {
  const event: CloudEvent<Assignment> = {
    specversion: "1.0",
    id: `${assignment.uid}.${assignment.checkHash}`,
    type: EVENT_TYPES.assignment,
    source: "/hub",
    subject: `${assignment.namespace}/${assignment.name}`,
    datacontenttype: "application/json",
    ...(traceparent === undefined ? {} : { traceparent }),
    data: assignment,
  };
  return encodeJson(event);
}

/** @throws WireError */
export function parseAssignment(bytes: Uint8Array): CloudEvent<Assignment> {
  return parseEvent(decodeJson(bytes), EVENT_TYPES.assignment, validateAssignment);
}
