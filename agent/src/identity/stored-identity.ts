import { SightlineError } from "@sightline/shared";
import { newSealingKey, newSigningKey, sealingKeyOf, signingKeyOf } from "@sightline/shared/identity";
import { compileSchema } from "@sightline/shared/wire";

/** Everything that makes an agent the one of its cluster. Seeds never leave it. */
export interface StoredIdentity {
  v: 1;
  cluster: string;
  /** Seeds of the key that it signs and rests with, of the one that it connects with, and of the curve key. */
  agentSeed: string;
  connectionSeed: string;
  sealingSeed: string;
  /** NATS servers and the PEM of their authority, from the join token. */
  servers: string[];
  ca?: string;
  hubKey: string;
  hubSealingKey: string;
  /** Public key of the join token by which it enrolled; absent until the hub said so. */
  tokenKey?: string;
  resting?: string;
  working?: string;
  /** When `working` came, milliseconds since the Unix epoch by the agent's own clock. */
  workingReceivedAt?: number;
}

/** Where it is kept. */
export interface IdentityStore {
  /** Undefined: there is none yet. @throws SightlineError IDENTITY_UNREADABLE */
  load(): Promise<StoredIdentity | undefined>;
  /** Resolves when it is kept for good. */
  save(identity: StoredIdentity): Promise<void>;
}

export type IdentityErrorCode = "IDENTITY_UNREADABLE" | "NOT_ENROLLED" | "NOT_ACCEPTED";

/** What keeps an agent from working. Documented in docs/reference/errors.md. */
export class IdentityError extends SightlineError<IdentityErrorCode> {
  override readonly name = "IdentityError";
}

const text = { type: "string", minLength: 1 } as const;

const validate = compileSchema<StoredIdentity>({
  type: "object",
  required: ["v", "cluster", "agentSeed", "connectionSeed", "sealingSeed", "servers", "hubKey", "hubSealingKey"],
  properties: {
    v: { const: 1 },
    cluster: text,
    agentSeed: text,
    connectionSeed: text,
    sealingSeed: text,
    servers: { type: "array", minItems: 1, items: text },
    ca: text,
    hubKey: text,
    hubSealingKey: text,
    tokenKey: text,
    resting: text,
    working: text,
    workingReceivedAt: { type: "integer" },
  },
});

/** @param where how a sentence names the place. @throws IdentityError IDENTITY_UNREADABLE, whose sentence holds nothing of it. */
export function parseIdentity(json: string, where: string): StoredIdentity {
  try {
    const identity = validate(JSON.parse(json), "identity");
    for (const seed of [identity.agentSeed, identity.connectionSeed]) signingKeyOf(seed);
    sealingKeyOf(identity.sealingSeed);
    return identity;
  } catch (cause) {
    // A parser's sentence would show a part of what it could not read, and so would its stack.
    const why = cause instanceof SightlineError ? cause.message : "it is not JSON";
    throw new IdentityError("IDENTITY_UNREADABLE", `${where} holds no identity of an agent: ${why}`, { retryable: true });
  }
}

/** Keys that nobody else has ever seen. */
export function newKeys(): Pick<StoredIdentity, "agentSeed" | "connectionSeed" | "sealingSeed"> {
  return { agentSeed: newSigningKey("agent").seed, connectionSeed: newSigningKey("agent").seed, sealingSeed: newSealingKey().seed };
}
