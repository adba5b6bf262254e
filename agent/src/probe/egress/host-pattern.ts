/** A host name as a rule names it: exactly, or `*.` and what it ends in, at any depth. */
export interface HostPattern {
  /** Longer is more specific; an exact name is more specific than any ending. */
  length: number;
  matches: (name: string) => boolean;
  /** As it was written. */
  text: string;
}

/** The last label begins with a letter: `10.0.0.256` or `0x7f.1` is an address gone wrong, which no URL has as its name. */
const PATTERN = /^(\*\.)?([a-z0-9_]([-a-z0-9_]*[a-z0-9_])?\.)*[a-z]([-a-z0-9]*[a-z0-9])?$/;
/** More than a name can have. */
const EXACT = 1000;

/** Reads a name or a pattern. @returns undefined for what is none. */
export function parseHostPattern(text: string): HostPattern | undefined {
  if (!PATTERN.test(text)) return undefined;
  if (!text.startsWith("*.")) return { length: EXACT, matches: (name) => name === text, text };
  const ending = text.slice(1);
  return { length: ending.length, matches: (name) => name.endsWith(ending), text };
}

/** A URL's name as patterns are asked for it: a URL already has it in small letters and punycode. */
export function canonicalName(host: string): string {
  return host.endsWith(".") ? host.slice(0, -1) : host;
}
