import type { IsAuthentic } from "../protocol/staging.ts";
import type { WriterContext } from "../protocol/writer.ts";
import { isMessageSignedBy, signMessage } from "./message-signature.ts";
import type { SigningKey } from "./signing.ts";

/** Signs heads as the hub whose key it is. */
export function headSigner(key: SigningKey): WriterContext["sign"] {
  return (subject, payload) => signMessage(key, subject, payload);
}

/**
 * Tells heads that were signed by one of these public keys. They are asked for each time: keys may be exchanged while an
 * agent runs, and while they are, heads of both are to be believed.
 */
export function headsSignedBy(publicKeys: () => readonly string[]): IsAuthentic {
  return ({ subject, payload, signature }) => payload !== null && publicKeys().some((key) => isMessageSignedBy(key, subject, payload, signature));
}
