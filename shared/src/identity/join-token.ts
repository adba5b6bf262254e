import { messageOf, SightlineError } from "../errors.ts";
import { compileSchema } from "../wire/schema.ts";
import { isClusterId } from "../wire/subjects.ts";
import { readClaims } from "./jwt.ts";
import { signingKeyOf } from "./signing.ts";

/**
 * What `sightline join-command` makes for one cluster: a NATS credential that may only ask to enrol, once and for a short
 * time, and what the agent must know to believe the answer. Whoever has it before the agent can enrol in its place, which
 * shows as another key: it is handed over like a password.
 */
export interface JoinToken {
  cluster: string;
  /** NATS servers: `tls://host:port`. */
  servers: string[];
  /** PEM of the authority that signed the servers' certificates; absent: the system's authorities. */
  ca?: string;
  /** Seed (`SU…`) and JWT of the bootstrap user. */
  seed: string;
  jwt: string;
  /** `N…` and `X…`: what the hub signs and seals with. */
  hubKey: string;
  hubSealingKey: string;
}

const VERSION = 1;
const text = { type: "string", minLength: 1, maxLength: 8192 } as const;

const validate = compileSchema<JoinToken & { v: number }>({
  type: "object",
  required: ["v", "cluster", "servers", "seed", "jwt", "hubKey", "hubSealingKey"],
  properties: {
    v: { const: VERSION },
    cluster: { type: "string", maxLength: 63 },
    servers: { type: "array", minItems: 1, maxItems: 64, items: text },
    ca: { type: "string", minLength: 1, maxLength: 65_536 },
    seed: text,
    jwt: text,
    hubKey: text,
    hubSealingKey: text,
  },
});

/** One line of base64url. */
export function encodeJoinToken(token: JoinToken): string {
  return Buffer.from(JSON.stringify({ v: VERSION, ...token })).toString("base64url");
}

/** @throws SightlineError INVALID_JOIN_TOKEN, whose sentence holds nothing of the token's. */
export function parseJoinToken(line: string): JoinToken {
  try {
    const { v: _, ...token } = validate(JSON.parse(Buffer.from(line.trim(), "base64url").toString("utf8")), "token");
    if (!isClusterId(token.cluster)) throw new Error("token.cluster is no cluster ID");
    if (signingKeyOf(token.seed).publicKey !== readClaims(token.jwt).sub) throw new Error("token.seed is not that of token.jwt");
    return token;
  } catch (cause) {
    // A parser's own sentence would show a part of what it could not read.
    const why = cause instanceof SyntaxError ? "it is not JSON in base64url" : messageOf(cause);
    throw new SightlineError("INVALID_JOIN_TOKEN", `this is no join token, as sightline join-command prints it: ${why}`);
  }
}
