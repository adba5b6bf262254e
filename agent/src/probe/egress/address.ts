import { isIP } from "node:net";

/** An IPv4 or IPv6 address as a number of so many bits. */
export interface Address {
  bits: 32 | 128;
  value: bigint;
}

/**
 * Reads an address; a zone is left out. An IPv4-mapped one (::ffff:10.0.0.1) *is* the IPv4 address: that is where the
 * system connects to.
 * @returns undefined for what is no address.
 */
export function parseAddress(text: string): Address | undefined {
  const [plain = ""] = text.split("%", 1);
  const family = isIP(plain);
  if (family === 4) return { bits: 32, value: ipv4Value(plain) };
  if (family === 6) return unmapped(ipv6Value(plain));
  return undefined;
}

/** Dotted, as usual. */
export function formatIpv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 0xffn)).join(".");
}

/**
 * The IPv4 addresses to which an IPv6 address may lead, by translation or tunnel: who connects to it may arrive there.
 * Prefixes of NAT64 that a network chose for itself cannot be known, but for 64:ff9b:1::/48.
 */
export function ipv4Within({ bits, value }: Address): bigint[] {
  if (bits === 32) return [];
  const found = [...byTranslation(value), ...byTunnel(value)];
  return [...new Set(found)];
}

const LOW_32 = 0xffff_ffffn;

function* byTranslation(value: bigint): Iterable<bigint> {
  const upper = value >> 32n;
  // "IPv4-compatible" ::/96 (RFC 4291, deprecated), but for :: and ::1 themselves.
  if (upper === 0n && value > 1n) yield value;
  // "IPv4-translated" ::ffff:0:0:0/96 (RFC 2765), and NAT64's well-known prefix 64:ff9b::/96 (RFC 6052).
  if (upper === 0xffff_0000n || upper === 0x0064_ff9bn << 64n) yield value & LOW_32;
  // NAT64's prefixes for local use (RFC 8215): whoever runs the translator chose one of these lengths.
  if (value >> 80n === 0x0064_ff9b_0001n) yield* localNat64(value);
}

/**
 * The address at each place where RFC 6052, 2.2 may have it under a prefix of 48, 56, 64 or 96 bits. Only one of them is
 * meant; the others are mostly zeros, which nobody translates.
 */
function localNat64(value: bigint): bigint[] {
  const readings = [
    (((value >> 64n) & 0xffffn) << 16n) | ((value >> 40n) & 0xffffn),
    (((value >> 64n) & 0xffn) << 24n) | ((value >> 32n) & 0xff_ffffn),
    (value >> 24n) & LOW_32,
    value & LOW_32,
  ];
  return readings.filter((reading) => reading >> 24n !== 0n);
}

function* byTunnel(value: bigint): Iterable<bigint> {
  // 6to4 (RFC 3056).
  if (value >> 112n === 0x2002n) yield (value >> 80n) & LOW_32;
  // Teredo (RFC 4380): its server, and the client, whose bits are inverted.
  if (value >> 96n === 0x2001_0000n) yield* [(value >> 64n) & LOW_32, (value & LOW_32) ^ LOW_32];
  // ISATAP (RFC 5214), under any prefix.
  if (((value >> 32n) & 0xfdff_ffffn) === 0x5efen) yield value & LOW_32;
}

function unmapped(value: bigint): Address {
  return value >> 32n === 0xffffn ? { bits: 32, value: value & LOW_32 } : { bits: 128, value };
}

function ipv4Value(text: string): bigint {
  return BigInt(text.split(".").reduce((value, octet) => value * 256 + Number(octet), 0));
}

function ipv6Value(text: string): bigint {
  const [head = "", tail] = text.split("::");
  const first = groupsOf(head);
  const last = tail === undefined ? [] : groupsOf(tail);
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => 0);
  return [...first, ...zeros, ...last].reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

/** 16 bits each; an IPv4 address at the end makes two. */
function groupsOf(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (!group.includes(".")) return [Number.parseInt(group, 16)];
    const value = Number(ipv4Value(group));
    return [Math.floor(value / 65_536), value % 65_536];
  });
}
