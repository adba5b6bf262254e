import { nkeys } from "nats";
import { SightlineError } from "../errors.ts";

/** A key that texts can be sealed to, and opened with (x25519 in NATS' text form: `X…`, its seed `SX…`). */
export interface SealingKey {
  readonly publicKey: string;
  /** @returns a text that only the holder of the `recipient`'s seed can open, and that only this key's holder can have sealed. */
  seal(text: Uint8Array, recipient: string): Uint8Array;
  /** @returns the text, or undefined when it was not sealed by `sender` to this key. */
  open(sealed: Uint8Array, sender: string): Uint8Array | undefined;
}

export function newSealingKey(): { seed: string; key: SealingKey } {
  const seed = new TextDecoder().decode(nkeys.createCurve().getSeed());
  return { seed, key: sealingKeyOf(seed) };
}

/** @throws SightlineError INVALID_KEY */
export function sealingKeyOf(seed: string): SealingKey {
  const pair = curveOf(seed);
  return {
    publicKey: pair.getPublicKey(),
    seal: (text, recipient) => pair.seal(text, recipient),
    open: (sealed, sender) => {
      try {
        return pair.open(sealed, sender) ?? undefined;
      } catch {
        // Whoever sealed it chose the bytes: what is no sealed text is as good as one for somebody else.
        return undefined;
      }
    },
  };
}

function curveOf(seed: string): ReturnType<typeof nkeys.fromCurveSeed> {
  try {
    return nkeys.fromCurveSeed(new TextEncoder().encode(seed.trim()));
  } catch (cause) {
    throw new SightlineError("INVALID_KEY", "this is no seed of a NATS curve key (SX…)", { cause });
  }
}
