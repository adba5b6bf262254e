import { createPrivateKey, createPublicKey, type KeyObject, sign as signBytes, verify as verifyBytes } from "node:crypto";
import { nkeys } from "nats";
import { SightlineError } from "../errors.ts";
import { rawPublicKey, rawSeed } from "./nkey-text.ts";

/**
 * Signatures by Ed25519 (RFC 8032). Keys travel in NATS' text form, so that one key serves both NATS and us; the arithmetic
 * is node:crypto's, which takes 50 µs where the client's own JavaScript takes milliseconds.
 */
export interface SigningKey {
  /** `U…` of an agent, `N…` of a hub. */
  readonly publicKey: string;
  /** @returns 64 bytes. */
  sign(text: Uint8Array): Uint8Array;
}

/** RFC 8410: what stands before the 32 bytes of an Ed25519 key in PKCS #8 and in SPKI. */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** How many verified keys are kept ready: one for each cluster, and then some. */
const MAX_KEYS = 4096;
const ready = new Map<string, KeyObject>();

/** A new key, with the seed that it can be made from again. Agents have user keys, hubs server keys: their letter tells them apart. */
export function newSigningKey(owner: "agent" | "hub"): { seed: string; key: SigningKey } {
  const pair = owner === "agent" ? nkeys.createUser() : nkeys.createServer();
  const seed = new TextDecoder().decode(pair.getSeed());
  return { seed, key: signingKeyOf(seed) };
}

/** @throws SightlineError INVALID_KEY */
export function signingKeyOf(seed: string): SigningKey {
  const pair = pairOf(seed);
  const der = Buffer.concat([PKCS8_PREFIX, rawSeed(seed.trim())]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  return { publicKey: pair.getPublicKey(), sign: (text) => signBytes(null, text, key) };
}

/** Whether the holder of `publicKey` signed `text`. False for what is no key or no signature at all: senders choose both. */
export function isSignedBy(publicKey: string, text: Uint8Array, signature: Uint8Array): boolean {
  const key = verifier(publicKey);
  return key !== undefined && signature.byteLength === 64 && verifyBytes(null, text, key, signature);
}

function verifier(publicKey: string): KeyObject | undefined {
  const known = ready.get(publicKey);
  if (known !== undefined) return known;
  const raw = rawPublicKey(publicKey);
  if (raw === undefined) return undefined;
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: "der", type: "spki" });
  if (ready.size >= MAX_KEYS) ready.clear();
  ready.set(publicKey, key);
  return key;
}

function pairOf(seed: string): ReturnType<typeof nkeys.fromSeed> {
  try {
    return nkeys.fromSeed(new TextEncoder().encode(seed.trim()));
  } catch (cause) {
    throw new SightlineError("INVALID_KEY", "this is no seed of a NATS key (S followed by the letter of its kind, such as SU…)", { cause });
  }
}
