import { type CloudEvent, decodeJson, encodeJson, EVENT_TYPES, parseEvent } from "./cloud-event.ts";
import { WireError } from "./errors.ts";
import { compileSchema, type Validate } from "./schema.ts";

/**
 * How an agent becomes known to the hub, and how it gets the credentials that it works with (docs/operate/identity.md).
 * Requests are signed by the agent, answers by the hub; an answer repeats its request's nonce, because NATS lets anybody
 * name anybody's inbox as the place for an answer.
 */

/** An agent with a join token asks to be made known. Signed by its own key, by its connection key, and by the token's. */
export interface EnrolRequest {
  /** JWT of the join token. It is no secret: the token's key is. */
  token: string;
  /** `U…`: what the agent signs with, and rests with. */
  agentKey: string;
  /** `U…`: what it connects with while it is accepted. Another one, so that it can be shut out and still ask. */
  connectionKey: string;
  /** `X…` */
  sealingKey: string;
  nonce: string;
  agentVersion: string;
  /** Milliseconds since the Unix epoch, by the agent's clock. For people: nothing is decided by it. */
  sentAt: number;
}

/** An agent that is known asks for working credentials. Signed by its key. */
export interface RenewRequest {
  agentKey: string;
  nonce: string;
  agentVersion: string;
  sentAt: number;
}

/** Of an agent: `waiting` until its cluster is accepted, then `working`. `refused` is final for this request, and says why. */
export type IdentityState = "waiting" | "working" | "refused";

/** What the hub answers. Signed by its key, for the request's subject. */
export interface IdentityAnswer {
  nonce: string;
  state: IdentityState;
  /** Why it waits or was refused, as a sentence. */
  reason?: string;
  /** JWT of the agent's key: with it it may ask again. */
  resting?: string;
  /** JWT of its connection key: with it it may work. */
  working?: string;
  /** What the hub signs with, and seals with. */
  hubKey: string;
  hubSealingKey: string;
}

const userKey = { type: "string", pattern: "^U[A-Z2-7]{55}$" } as const;
const curveKey = { type: "string", pattern: "^X[A-Z2-7]{55}$" } as const;
const nonce = { type: "string", pattern: "^[A-Za-z0-9_-]{22,64}$" } as const;
const jwt = { type: "string", maxLength: 8192, pattern: "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$" } as const;
const asked = { nonce, agentVersion: { type: "string", maxLength: 64 }, sentAt: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER } } as const;

const validateEnrol = compileSchema<EnrolRequest>({
  type: "object",
  required: ["token", "agentKey", "connectionKey", "sealingKey", "nonce", "agentVersion", "sentAt"],
  properties: { token: jwt, agentKey: userKey, connectionKey: userKey, sealingKey: curveKey, ...asked },
});

const validateRenew = compileSchema<RenewRequest>({
  type: "object",
  required: ["agentKey", "nonce", "agentVersion", "sentAt"],
  properties: { agentKey: userKey, ...asked },
});

const validateAnswer = compileSchema<IdentityAnswer>({
  type: "object",
  required: ["nonce", "state", "hubKey", "hubSealingKey"],
  properties: {
    nonce,
    state: { enum: ["waiting", "working", "refused"] },
    reason: { type: "string", maxLength: 1024 },
    resting: jwt,
    working: jwt,
    hubKey: { type: "string", pattern: "^N[A-Z2-7]{55}$" },
    hubSealingKey: curveKey,
  },
});

export function encodeEnrolRequest(cluster: string, request: EnrolRequest): Uint8Array {
  return encode(EVENT_TYPES.enrolRequest, `/clusters/${cluster}`, cluster, request);
}

export function encodeRenewRequest(cluster: string, request: RenewRequest): Uint8Array {
  return encode(EVENT_TYPES.renewRequest, `/clusters/${cluster}`, cluster, request);
}

export function encodeIdentityAnswer(cluster: string, answer: IdentityAnswer): Uint8Array {
  return encode(EVENT_TYPES.identityAnswer, "/hub", cluster, answer);
}

/** @param cluster of the subject that it came by. @throws WireError, also when the message speaks of another cluster. */
export function parseEnrolRequest(cluster: string, bytes: Uint8Array): EnrolRequest {
  return parse(EVENT_TYPES.enrolRequest, cluster, bytes, validateEnrol);
}

/** @param cluster of the subject that it came by. @throws WireError, also when the message speaks of another cluster. */
export function parseRenewRequest(cluster: string, bytes: Uint8Array): RenewRequest {
  return parse(EVENT_TYPES.renewRequest, cluster, bytes, validateRenew);
}

/** @throws WireError, also when the answer is for another cluster. */
export function parseIdentityAnswer(cluster: string, bytes: Uint8Array): IdentityAnswer {
  return parse(EVENT_TYPES.identityAnswer, cluster, bytes, validateAnswer);
}

function encode(type: string, source: string, cluster: string, data: EnrolRequest | RenewRequest | IdentityAnswer): Uint8Array {
  const event: CloudEvent<typeof data> = { specversion: "1.0", id: data.nonce, type, source, subject: cluster, datacontenttype: "application/json", data };
  return encodeJson(event);
}

function parse<T>(type: string, cluster: string, bytes: Uint8Array, validate: Validate<T>): T {
  const { subject, data } = parseEvent(decodeJson(bytes), type, validate);
  if (subject === cluster) return data;
  throw new WireError("INVALID_MESSAGE", `the message speaks of cluster ${JSON.stringify(subject ?? "")} and came as one of ${cluster}`);
}
