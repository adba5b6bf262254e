import type { MsgHdrs } from "nats";

/** Whether a stored message of a KV stream marks its key as deleted (by us, by hand, or by the server's TTL and limits). */
export function isDeleteMarker(headers: MsgHdrs | undefined): boolean {
  if (headers === undefined) return false;
  const operation = headers.get("KV-Operation");
  return operation === "DEL" || operation === "PURGE" || headers.has("Nats-Marker-Reason");
}
