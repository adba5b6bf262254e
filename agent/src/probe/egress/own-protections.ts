import { parseAddress } from "./address.ts";
import { PROTECTED, type Protection } from "./protected.ts";
import { holds, parseRange } from "./range.ts";

/** Something around the agent: what a sentence calls it, and where it is. */
export interface Surrounding {
  what: string;
  names?: readonly string[];
  addresses: readonly string[];
}

const LOOPBACK = PROTECTED.filter(([, what]) => what === "a loopback address").flatMap(([text]) => parseRange(text) ?? []);

/**
 * Protects each name and each address by itself; the first that names it is quoted. Loopback is protected as a whole: who
 * opens it opens what listens there.
 */
export function ownProtections(surroundings: readonly Surrounding[]): Protection[] {
  const found = new Map<string, string>();
  for (const { what, names = [], addresses } of surroundings) {
    for (const name of names) if (!found.has(name)) found.set(name, `a name of ${what}`);
    for (const address of addresses.filter((text) => isBeyondLoopback(text))) if (!found.has(address)) found.set(address, `an address of ${what}`);
  }
  return [...found];
}

export function isBeyondLoopback(text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && !LOOPBACK.some((range) => holds(range, address));
}
