import { type Address, parseAddress } from "./address.ts";

/** A range of addresses: those that agree in the first `prefix` bits. */
export interface Range {
  bits: 32 | 128;
  prefix: number;
  /** These first bits. */
  network: bigint;
  /** As it was written. */
  text: string;
}

/** Reads a CIDR or a single address; bits beyond the prefix do not matter. @returns undefined for anything else. */
export function parseRange(text: string): Range | undefined {
  const [, base = "", length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = parseAddress(base);
  if (address === undefined) return undefined;
  if (length === undefined) return range(address, address.bits, text);
  // A mapped address counts 96 bits before those of IPv4.
  return range(address, Number(length) - (address.bits === 32 && base.includes(":") ? 96 : 0), text);
}

function range({ bits, value }: Address, prefix: number, text: string): Range | undefined {
  return prefix < 0 || prefix > bits ? undefined : { bits, prefix, network: value >> BigInt(bits - prefix), text };
}

export function holds({ bits, prefix, network }: Range, address: Address): boolean {
  return bits === address.bits && address.value >> BigInt(bits - prefix) === network;
}
