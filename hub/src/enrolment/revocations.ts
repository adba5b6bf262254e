import type { ClusterRegistration } from "@sightline/shared/api";
import { LIFETIMES } from "../identity/minting.ts";

/** Credentials of a key that are void. Times in Unix seconds. */
export interface Revocation {
  /** `U…` */
  key: string;
  cluster: string;
  /** What was issued up to then is void. */
  revokedAt: number;
  /** When all that was issued up to then has expired by itself, so that nobody need remember. */
  until: number;
}

/** A join token may be valid so long; longer than any that `sightline join-command` makes. */
const MAX_TOKEN_SECONDS = 86_400;

export type Revocations = readonly Revocation[];

/** The list with some more. Of a key the later times count; what has expired by itself is left out. Sorted by key. Pure. */
export function withRevocations(list: Revocations, more: Revocations, nowSeconds: number): Revocation[] {
  const byKey = new Map<string, Revocation>();
  for (const one of [...list, ...more]) {
    const before = byKey.get(one.key);
    byKey.set(one.key, before === undefined ? one : later(before, one));
  }
  return [...byKey.values()].filter(({ until }) => until > nowSeconds).toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** Each time for itself: what is revoked for long stays so, whatever is revoked for a shorter time afterwards. */
function later(a: Revocation, b: Revocation): Revocation {
  const last = a.revokedAt < b.revokedAt ? b : a;
  return { ...last, until: Math.max(a.until, b.until) };
}

/** As NATS wants them in an account. */
export function accountRevocations(list: Revocations): Record<string, number> {
  return Object.fromEntries(list.map(({ key, revokedAt }) => [key, revokedAt]));
}

/** Whether a server's account makes void at least what the list does. `onServer`: Unix seconds by key. Pure. */
export function isInForce(list: Revocations, onServer: ReadonlyMap<string, number>): boolean {
  return list.every(({ key, revokedAt }) => (onServer.get(key) ?? -1) >= revokedAt);
}

/**
 * What a registration's state demands to be revoked, and is not yet: the working credentials of a cluster that is not
 * accepted, and everything of one that is being deleted. Pure.
 */
export function missingRevocations(registration: ClusterRegistration, list: Revocations, nowSeconds: number): Revocation[] {
  const { metadata, spec } = registration;
  const deletedAt = seconds(metadata.deletionTimestamp);
  const wanted = deletedAt === undefined ? [] : everything(registration, deletedAt, nowSeconds);
  if (deletedAt !== undefined || spec.accepted !== true) wanted.push(...working(registration, nowSeconds));
  const known = new Map(list.map((one) => [one.key, one.revokedAt]));
  // A hub whose clock is behind that of the one that issued must not revoke too little.
  return wanted
    .filter(({ key, issuedAt }) => (known.get(key) ?? -1) < issuedAt)
    .map(({ key, issuedAt, lifetime }) => ({ key, cluster: metadata.name, revokedAt: Math.max(nowSeconds, issuedAt), until: Math.max(nowSeconds, issuedAt) + lifetime }));
}

/** A key, and up to when credentials may have been issued to it that are valid for so long. */
interface Issued {
  key: string;
  issuedAt: number;
  lifetime: number;
}

/** The agent's working credentials, as long as the last ones are valid. */
function working({ status = {} }: ClusterRegistration, nowSeconds: number): Issued[] {
  const issuedAt = seconds(status.enrolment?.credentialsIssuedTime);
  if (status.connectionKey === undefined || issuedAt === undefined || issuedAt + LIFETIMES.working <= nowSeconds) return [];
  return [{ key: status.connectionKey, issuedAt, lifetime: LIFETIMES.working }];
}

/** All else that an agent may hold: when it was given its resting credentials is written down nowhere. */
function everything(registration: ClusterRegistration, deletedAt: number, nowSeconds: number): Issued[] {
  const { publicKey } = registration.status ?? {};
  const token = usedToken(registration, nowSeconds);
  return [
    ...(publicKey === undefined ? [] : [{ key: publicKey, issuedAt: deletedAt, lifetime: LIFETIMES.resting }]),
    ...(token === undefined ? [] : [{ key: token.key, issuedAt: 0, lifetime: token.until - nowSeconds }]),
  ];
}

/** The join token by which a registration's agent enrolled: worth nothing any more. */
export function usedToken({ metadata, status }: ClusterRegistration, nowSeconds: number): Revocation | undefined {
  const { tokenKey, time } = status?.enrolment ?? {};
  if (tokenKey === undefined) return undefined;
  const until = (seconds(time) ?? nowSeconds) + MAX_TOKEN_SECONDS;
  return until > nowSeconds ? { key: tokenKey, cluster: metadata.name, revokedAt: nowSeconds, until } : undefined;
}

/** The same, where another token takes its place: whoever enrolled by it may not have asked since, and so not have spent it. */
export function formerToken(registration: ClusterRegistration, tokenKey: string, nowSeconds: number): Revocation[] {
  const former = usedToken(registration, nowSeconds);
  return former === undefined || former.key === tokenKey ? [] : [former];
}

/** The keys of an agent whose place another one takes. */
export function replacedKeys({ metadata, status = {} }: ClusterRegistration, keep: { publicKey: string; connectionKey: string }, nowSeconds: number): Revocation[] {
  const replaced: Revocation[] = [];
  const add = (key: string | undefined, kept: string, lifetime: number): void => {
    if (key !== undefined && key !== kept) replaced.push({ key, cluster: metadata.name, revokedAt: nowSeconds, until: nowSeconds + lifetime });
  };
  add(status.publicKey, keep.publicKey, LIFETIMES.resting);
  add(status.connectionKey, keep.connectionKey, LIFETIMES.working);
  return replaced;
}

function seconds(time: string | undefined): number | undefined {
  const ms = Date.parse(time ?? "");
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}
