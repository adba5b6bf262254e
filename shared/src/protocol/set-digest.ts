import { createHash } from "node:crypto";
import type { SetSummary } from "../wire/head.ts";

const MODULUS = 1n << 128n;

/**
 * One assignment's share of its set's checksum: the first 16 bytes of SHA-256(subject, 0x00, payload as stored).
 * Shares are summed modulo 2^128, so adding and removing one costs the same whatever the size of the set, order does
 * not matter, and two equal changes cannot cancel each other as they would under XOR.
 */
export function digestShare(subject: string, payload: Uint8Array): bigint {
  const digest = createHash("sha256").update(subject).update("\0").update(payload).digest();
  return (digest.readBigUInt64BE(0) << 64n) | digest.readBigUInt64BE(8);
}

/** Count and checksum of a set of assignments, kept up to date as they come and go. */
export class SetDigest {
  #count: number;
  #sum: bigint;

  constructor(count = 0, sum = 0n) {
    this.#count = count;
    this.#sum = sum;
  }

  add(share: bigint): void {
    this.#count += 1;
    this.#sum = (this.#sum + share) % MODULUS;
  }

  remove(share: bigint): void {
    this.#count -= 1;
    this.#sum = (this.#sum - share + MODULUS) % MODULUS;
  }

  copy(): SetDigest {
    return new SetDigest(this.#count, this.#sum);
  }

  get summary(): SetSummary {
    return { count: this.#count, checksum: this.#sum.toString(16).padStart(32, "0") };
  }
}

export function sameSummary(a: SetSummary, b: SetSummary): boolean {
  return a.count === b.count && a.checksum === b.checksum;
}
