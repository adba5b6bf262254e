import { parseAddress } from "./address.ts";
import { PROTECTED, type Protection } from "./protected.ts";
import { holds, parseRange } from "./range.ts";

/** Something around the agent: what a sentence calls its addresses, and what they are; a name that did not resolve is none. */
export interface Surrounding {
  what: string;
  addresses: readonly string[];
}

const LOOPBACK = PROTECTED.filter(([, what]) => what === "a loopback address").flatMap(([text]) => parseRange(text) ?? []);

/**
 * Protects each address by itself; the first that names it is quoted. Loopback is protected as a whole: who opens it
 * opens what listens there.
 */
export function ownProtections(surroundings: readonly Surrounding[]): Protection[] {
  const found = new Map<string, string>();
  for (const { what, addresses } of surroundings) {
    for (const address of addresses.filter((text) => isBeyondLoopback(text))) if (!found.has(address)) found.set(address, what);
  }
  return [...found];
}

function isBeyondLoopback(text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && !LOOPBACK.some((range) => holds(range, address));
}
