import { Socket } from "node:net";
import { setImmediate as settled } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { release, releaseReads } from "./read-memory.ts";

describe("what was read", () => {
  it("gives its memory back, unless it is small or shares it", () => {
    const alone = new Uint8Array(8192);
    const small = new Uint8Array(100);
    const shared = new Uint8Array(new ArrayBuffer(16_384), 0, 8192);
    for (const chunk of [alone, small, shared]) release(chunk);
    expect([alone, small, shared].map(({ byteLength }) => byteLength)).toEqual([0, 100, 8192]);
  });

  it("by a socket goes when everybody has seen it, also when the socket comes here twice", async () => {
    const socket = new Socket();
    const seen: number[] = [];
    for (let round = 0; round < 2; round++) releaseReads(socket);
    socket.on("data", (chunk: Uint8Array) => seen.push(chunk.byteLength));
    const read = new Uint8Array(8192);
    socket.emit("data", read);
    expect([seen, read.byteLength, socket.listenerCount("data")]).toEqual([[8192], 8192, 2]);
    await settled();
    expect(read.byteLength).toBe(0);
  });
});
