import { isIP } from "node:net";
import type { EgressSettings } from "@sightline/shared/wire";
import { type Address, formatIpv4, ipv4Within, parseAddress } from "./address.ts";
import { canonicalName, type HostPattern, parseHostPattern } from "./host-pattern.ts";
import { PROTECTED, type Protection } from "./protected.ts";
import { holds, parseRange, type Range } from "./range.ts";

/** What one rule says of the addresses or names that it matches. */
interface Saying {
  allows: boolean;
  /** Completes "10.0.0.1 …" when it does not allow. */
  words: string;
}

/** Where connections may go to. Made by `compileRules`. */
export interface EgressRules {
  /** The one that decides comes first: by prefix, then deny, allow, protection. */
  ranges: readonly (Range & Saying)[];
  /** Likewise. */
  hosts: readonly (HostPattern & Saying)[];
  /** Of an address that no range holds. Undefined: it is allowed. */
  otherwise: Saying | undefined;
  /** Of everything: rules that cannot be read must not let through what they were to keep back. */
  unreadable: Saying | undefined;
}

/** A rule of the cluster, which stands before a protection of the same length. */
interface Entry {
  text: string;
  saying: Saying;
}

/**
 * Makes rules of what the cluster's registration says, and of what is protected. The most specific rule decides: the
 * longest prefix, the longest name. Of two equal ones deny stands before allow, and the cluster's before ours: so a
 * protected range is opened by whoever names it, and by nobody else. Where anything is allowed, all else is denied.
 */
export function compileRules({ allow, deny }: EgressSettings, own: readonly Protection[] = []): EgressRules {
  const entries: Entry[] = [
    ...deny.map((text) => ({ text, saying: { allows: false, words: `is denied by the cluster's egress rules (deny ${text})` } })),
    ...allow.map((text) => ({ text, saying: { allows: true, words: "" } })),
  ];
  const ranges = entries.flatMap(({ text, saying }) => parsed(parseRange(text), saying));
  const hosts = entries.flatMap(({ text, saying }) => parsed(parseHostPattern(text), saying));
  const unread = deny.find((text) => parseRange(text) === undefined && parseHostPattern(text) === undefined);
  return {
    // A stable sort: what came first stays first among equals.
    ranges: [...ranges, ...[...PROTECTED, ...own].flatMap(protection)].toSorted((a, b) => b.prefix - a.prefix),
    hosts: [...hosts, ...own.flatMap(nameProtection)].toSorted((a, b) => b.length - a.length),
    otherwise: allow.length === 0 ? undefined : { allows: false, words: "is not among what the cluster's egress rules allow" },
    unreadable: unread === undefined ? undefined : { allows: false, words: `is denied: the cluster's egress rules hold what this agent cannot read (deny ${unread})` },
  };
}

/**
 * Why nothing may go to a host, and to the address to which it led (or which it is); undefined when it may.
 * Without an address only the name is judged.
 */
export function denied(rules: EgressRules, host: string, address: string | undefined): string | undefined {
  const said = rules.unreadable ?? hostRule(rules, host);
  if (said?.allows === false) return `${host} ${said.words}`;
  return address === undefined ? undefined : deniedAddress(rules, { host, address, nameAllowed: said?.allows === true });
}

function deniedAddress(rules: EgressRules, { host, address, nameAllowed }: { host: string; address: string; nameAllowed: boolean }): string | undefined {
  const found = parseAddress(address);
  const subject = address === host ? address : `${address} (of ${host})`;
  if (found === undefined) return `${subject} is no address`;
  const said = judge(rules, found, nameAllowed);
  if (said !== undefined) return `${subject} ${said.words}`;
  for (const value of ipv4Within(found)) {
    const within = judge(rules, { bits: 32, value }, nameAllowed);
    if (within !== undefined) return `${formatIpv4(value)} (within ${address}${address === host ? "" : `, of ${host}`}) ${within.words}`;
  }
  return undefined;
}

/** A name that is allowed opens what is closed for all (prefix 0), and no range that is denied or protected. */
function judge(rules: EgressRules, address: Address, nameAllowed: boolean): Saying | undefined {
  const decides = rules.ranges.find((range) => holds(range, address) && !(nameAllowed && range.prefix === 0)) ?? (nameAllowed ? undefined : rules.otherwise);
  return decides === undefined || decides.allows ? undefined : decides;
}

function hostRule({ hosts }: EgressRules, host: string): Saying | undefined {
  if (hosts.length === 0 || isIP(host) !== 0) return undefined;
  const name = canonicalName(host);
  return hosts.find(({ matches }) => matches(name));
}

function protection([text, what]: Protection): (Range & Saying)[] {
  const range = text.includes("/") ? ` (${text})` : "";
  return parsed(parseRange(text), { allows: false, words: `is ${what}${range}, which no monitor may reach` });
}

/** Exact names only: some are told by NATS, which is not to close a whole domain. */
function nameProtection([text, what]: Protection): (HostPattern & Saying)[] {
  return text.startsWith("*.") ? [] : parsed(parseHostPattern(text), { allows: false, words: `is ${what}, which no monitor may reach` });
}

function parsed<T extends object>(value: T | undefined, saying: Saying): (T & Saying)[] {
  return value === undefined ? [] : [{ ...value, ...saying }];
}
