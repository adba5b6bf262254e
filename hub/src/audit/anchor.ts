import { isSignedBy, type SigningKey } from "@sightline/shared/identity";
import type { LineBody, ParsedLine, Tail } from "./chain.ts";

/** Keeps a signature over a log from ever being one over something else that the same key signs. */
const DOMAIN = "sightline audit anchor v1\n";

/**
 * Signs all that stands before it, by the hash of the last line: whoever rewrites a log can compute its hashes anew, but
 * not this.
 */
export function anchorLine(key: SigningKey, after: Tail, now: number): LineBody {
  const signature = Buffer.from(key.sign(signedText({ sequence: after.sequence + 1, previous: after.hash }))).toString("base64");
  return { audit: "anchor", time: new Date(now).toISOString(), key: key.publicKey, signature };
}

/** The public key whose holder signed an anchor; undefined when nobody did. */
export function signerOf(anchor: ParsedLine): string | undefined {
  const { key, signature } = anchor;
  if (typeof key !== "string" || typeof signature !== "string") return undefined;
  return isSignedBy(key, signedText(anchor), Buffer.from(signature, "base64")) ? key : undefined;
}

function signedText({ sequence, previous }: Pick<ParsedLine, "sequence" | "previous">): Uint8Array {
  return Buffer.from(`${DOMAIN}${sequence}\n${previous}`);
}
