import { SightlineError } from "../errors.ts";
import { isSignedBy } from "./signing.ts";

/** What a NATS user JWT says of itself. Times in Unix seconds. */
export interface JwtClaims {
  /** Public key of who it is for. */
  sub: string;
  /** Public key of who signed it. */
  iss: string;
  name: string;
  iat: number;
  /** Absent: it does not expire. */
  exp?: number;
}

/** What a JWT says, whoever signed it. @throws SightlineError INVALID_JWT */
export function readClaims(jwt: string): JwtClaims {
  const claims = decoded(jwt.split(".")[1] ?? "");
  if (isClaims(claims)) return claims;
  throw new SightlineError("INVALID_JWT", "this is no JWT of a NATS user");
}

/**
 * The claims of a JWT that the holder of `issuer` signed; undefined when it is no such JWT. Whoever sent it chose the text,
 * and the algorithm that it names: there is one only, so it is not asked.
 */
export function verifiedClaims(jwt: string, issuer: string): JwtClaims | undefined {
  const [header = "", payload = "", signature = "", ...rest] = jwt.split(".");
  const claims = decoded(payload);
  if (rest.length > 0 || !isClaims(claims) || claims.iss !== issuer) return undefined;
  return isSignedBy(issuer, new TextEncoder().encode(`${header}.${payload}`), Buffer.from(signature, "base64url")) ? claims : undefined;
}

function decoded(part: string): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return value;
  } catch {
    return undefined;
  }
}

function isClaims(value: unknown): value is JwtClaims {
  if (typeof value !== "object" || value === null) return false;
  const { sub, iss, name, iat, exp }: Partial<Record<keyof JwtClaims, unknown>> = value;
  return [sub, iss, name].every((text) => typeof text === "string") && typeof iat === "number" && (exp === undefined || typeof exp === "number");
}
