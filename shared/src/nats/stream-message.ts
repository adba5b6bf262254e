import { headers, type MsgHdrs } from "nats";
import { SIGNATURE_HEADER, signMessage } from "../identity/message-signature.ts";
import type { SigningKey } from "../identity/signing.ts";

/** Whether a stored message of a KV stream marks its key as deleted (by us, by hand, or by the server's TTL and limits). */
export function isDeleteMarker(set: MsgHdrs | undefined): boolean {
  if (set === undefined) return false;
  const operation = set.get("KV-Operation");
  return operation === "DEL" || operation === "PURGE" || set.has("Nats-Marker-Reason");
}

/** What a message's headers say of its signature, to be spread into it. Whoever published it chose them. */
export function signatureIn(set: MsgHdrs | undefined): { signature?: string } {
  const signature = set?.get(SIGNATURE_HEADER) ?? "";
  return signature === "" ? {} : { signature };
}

/** The headers of a message that `key` signs. */
export function signedHeaders(key: SigningKey, subject: string, payload: Uint8Array): MsgHdrs {
  const set = headers();
  set.set(SIGNATURE_HEADER, signMessage(key, subject, payload));
  return set;
}
