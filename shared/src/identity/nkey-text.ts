import { nkeys } from "nats";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/**
 * The 32 bytes inside of a public NKey, or undefined when the text is none. Its form is base32 (RFC 4648) without padding
 * over one byte of prefix, the key, and a CRC-16 (NATS ADR-14); the client checks it, and keeps the bytes to itself.
 */
export function rawPublicKey(text: string): Uint8Array | undefined {
  if (!isPublicKey(text)) return undefined;
  return base32(text).subarray(1, 33);
}

/** The 32 bytes inside of a seed whose form has been checked: two bytes of prefixes stand before them. */
export function rawSeed(text: string): Uint8Array {
  return base32(text).subarray(2, 34);
}

/** Whether the text is a public key of any kind, its checksum included. The client bears what follows it: one key, one text. */
function isPublicKey(text: string): boolean {
  if (!/^[A-Z2-7]{56}$/.test(text)) return false;
  try {
    nkeys.fromPublic(text);
    return true;
  } catch {
    return false;
  }
}

function base32(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let bits = 0;
  let value = 0;
  let length = 0;
  for (const letter of text) {
    value = ((value << 5) | ALPHABET.indexOf(letter)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length++] = (value >>> bits) & 0xff;
  }
  return bytes;
}
