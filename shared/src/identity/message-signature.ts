import { isSignedBy, type SigningKey } from "./signing.ts";

/** The NATS header that carries a message's signature. */
export const SIGNATURE_HEADER = "Sightline-Signature";

/** Keeps a signature over a message from ever being one over something else that the same key signs. */
const DOMAIN = "sightline message v1\n";

/**
 * Signs one message, for its subject only: a signature holds neither for another cluster's subject nor for another kind
 * of message. What is signed is the payload as it is stored, byte for byte.
 * @returns base64
 */
export function signMessage(key: SigningKey, subject: string, payload: Uint8Array): string {
  return Buffer.from(key.sign(signedText(subject, payload))).toString("base64");
}

/** Whether `signature` (base64, from a header; senders choose it) is that of the key's holder over this message. */
export function isMessageSignedBy(publicKey: string, subject: string, payload: Uint8Array, signature: string | undefined): boolean {
  return signature !== undefined && isSignedBy(publicKey, signedText(subject, payload), Buffer.from(signature, "base64"));
}

/** A subject holds no line break, so its end is where it is. */
function signedText(subject: string, payload: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${DOMAIN}${subject}\n`), payload]);
}
