import { createHash } from "node:crypto";
import type { SetSummary } from "../wire/head.ts";

/**
 * A set's checksum is LtHash16 (Lewi, Kim, Maykov, Weis 2019, "Securing Update Propagation with Homomorphic Hashing", after
 * Bellare and Micciancio 1997): each member is hashed to 1,024 numbers of 16 bits, and these are added number by number.
 * Adding and removing a member costs the same whatever the size of the set, order does not matter, and whoever may choose
 * the members still finds no other set of the same sum. A single sum of 128 bits, which is shorter to write, gives that
 * away: by Wagner's generalised birthday attack (docs/adr/0009-set-checksum.md). A head's signature is worth what this is.
 */
const LANES = 1024;
const LANE_BYTES = 2;

/**
 * One assignment's share of its set: SHA-256(subject, 0x00, payload as stored), in base64. What is added is its expansion,
 * 2 KB by SHAKE256; it is made again where the share is removed, so that a stored assignment costs 32 bytes of memory, not 2 KB.
 */
export type DigestShare = string;

export function digestShare(subject: string, payload: Uint8Array): DigestShare {
  return createHash("sha256").update(subject).update("\0").update(payload).digest("base64");
}

/** Count and checksum of a set of assignments, kept up to date as they come and go. */
export class SetDigest {
  #count = 0;
  readonly #lanes = new Uint16Array(LANES);
  /** Of the present lanes, once it was asked for. */
  #checksum: string | undefined;

  add(share: DigestShare): void {
    this.#count += 1;
    this.#checksum = undefined;
    const expansion = expand(share);
    for (let lane = 0; lane < LANES; lane++) this.#lanes[lane] = (this.#lanes[lane] ?? 0) + numberAt(expansion, lane);
  }

  remove(share: DigestShare): void {
    this.#count -= 1;
    this.#checksum = undefined;
    const expansion = expand(share);
    for (let lane = 0; lane < LANES; lane++) this.#lanes[lane] = (this.#lanes[lane] ?? 0) - numberAt(expansion, lane);
  }

  copy(): SetDigest {
    const copy = new SetDigest();
    copy.#count = this.#count;
    copy.#lanes.set(this.#lanes);
    copy.#checksum = this.#checksum;
    return copy;
  }

  get summary(): SetSummary {
    this.#checksum ??= checksumOf(this.#lanes);
    return { count: this.#count, checksum: this.#checksum };
  }

  /** Whether this is the digest of the set that `summary` sums up. The count, which costs nothing, is looked at first. */
  matches(summary: SetSummary): boolean {
    return summary.count === this.#count && sameSummary(summary, this.summary);
  }
}

export function sameSummary(a: SetSummary, b: SetSummary): boolean {
  return a.count === b.count && a.checksum === b.checksum;
}

function expand(share: DigestShare): DataView {
  const { buffer, byteOffset, byteLength } = createHash("shake256", { outputLength: LANES * LANE_BYTES }).update(share, "base64").digest();
  return new DataView(buffer, byteOffset, byteLength);
}

/** Little-endian on every machine: hub and agent must agree. */
function numberAt(bytes: DataView, lane: number): number {
  return bytes.getUint16(lane * LANE_BYTES, true);
}

function checksumOf(lanes: Uint16Array): string {
  const bytes = new DataView(new ArrayBuffer(LANES * LANE_BYTES));
  for (let lane = 0; lane < LANES; lane++) bytes.setUint16(lane * LANE_BYTES, lanes[lane] ?? 0, true);
  return createHash("sha256").update(bytes).digest("hex");
}
