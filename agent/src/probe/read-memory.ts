import type { Socket } from "node:net";

/** Smaller ones are no burden, and may share their memory with others. */
const SMALLEST = 4096;

/**
 * Gives back the memory of what was read and is not looked at any more. The collector would, too, but only when tens of
 * megabytes wait for it: fifty targets that send without end would have filled them in a second.
 */
export function release(chunk: Uint8Array): void {
  const { buffer, byteLength } = chunk;
  if (buffer instanceof ArrayBuffer && byteLength >= SMALLEST && buffer.byteLength === byteLength) buffer.transfer(0);
}

/** Releases what the socket reads, once the HTTP parser has seen it: it hands on copies. */
export function releaseReads(socket: Socket): void {
  // A kept connection comes here with each of its requests.
  if (!socket.listeners("data").includes(releaseSoon)) socket.on("data", releaseSoon);
}

function releaseSoon(read: Uint8Array | string): void {
  if (typeof read !== "string") setImmediate(() => release(read));
}
