import type { ClusterRegistration, ClusterRegistrationStatus } from "@sightline/shared/api";
import type { JwtClaims } from "@sightline/shared/identity";
import type { EnrolRequest, RenewRequest } from "@sightline/shared/wire";
import { credentialName } from "../identity/minting.ts";

/** Why a request is refused: the audit log's rule, and the sentence that the agent is told. */
export interface Refusal {
  kind: "refuse";
  rule: "registration" | "token" | "token-used" | "signature" | "keys" | "unknown-key" | "revoked";
  reason: string;
}

/** The keys that a registration's status shows once its agent has enrolled. */
export type PinnedKeys = Required<Pick<ClusterRegistrationStatus, "publicKey" | "connectionKey" | "sealingKey">>;

export interface EnrolView {
  cluster: string;
  /** As a quorum read gave it; undefined: there is none. */
  registration: ClusterRegistration | undefined;
  request: EnrolRequest;
  /** What the request's token says, when the installation's own key signed it. */
  token: JwtClaims | undefined;
  /** Whether the request is signed by the agent's key, by its connection key, and by the token's. */
  signed: { byAgent: boolean; byConnection: boolean; byToken: boolean };
  /** Whether another registration has pinned a key: what befalls the one cluster must not befall the other. */
  isElsewhere: (key: string) => boolean;
  isRevoked: (key: string) => boolean;
  /** Hub's clock, milliseconds. */
  now: number;
}

export type EnrolDecision =
  | Refusal
  /** The same agent asks again with the same token: the answer was lost. Nothing is written. */
  | { kind: "known" }
  /** `replaces`: the agent that was known before, when it had another key; it is shut out, and the new one has to be accepted. */
  | { kind: "pin"; keys: PinnedKeys; tokenKey: string; replaces: string | undefined; unaccept: boolean };

/** Whether an agent may enrol. Pure. */
export function decideEnrolment(view: EnrolView): EnrolDecision {
  const { cluster, request, token } = view;
  const registration = openRegistration(cluster, view.registration);
  if ("reason" in registration) return registration;
  const refusal = refusedToken(view) ?? refusedKeys(view);
  if (refusal !== undefined) return refusal;
  return decidePin(view, registration, request, token?.sub ?? "");
}

function decidePin({ cluster, isRevoked }: EnrolView, { spec, status = {} }: ClusterRegistration, request: EnrolRequest, tokenKey: string): EnrolDecision {
  const { enrolment } = status;
  const usedHere = enrolment?.tokenKey === tokenKey;
  if (usedHere && samePins(status, request)) return { kind: "known" };
  if (usedHere || isRevoked(tokenKey)) return refuse("token-used", `the join token was used already; if ${cluster}'s agent lost its keys, make another by: sightline join-command ${cluster} --renew`);
  const { agentKey: publicKey, connectionKey, sealingKey } = request;
  if ([publicKey, connectionKey].some(isRevoked)) return refuse("revoked", "a key that was revoked cannot be used again: the agent has to make others");
  const replaces = status.publicKey === publicKey ? undefined : status.publicKey;
  return { kind: "pin", keys: { publicKey, connectionKey, sealingKey }, tokenKey, replaces, unaccept: replaces !== undefined && spec.accepted === true };
}

/** The registration, if there is one that lasts. */
function openRegistration(cluster: string, registration: ClusterRegistration | undefined): ClusterRegistration | Refusal {
  if (registration === undefined) return refuse("registration", `there is no ClusterRegistration ${cluster}`);
  if (registration.metadata.deletionTimestamp !== undefined) return refuse("registration", `ClusterRegistration ${cluster} is being deleted`);
  return registration;
}

function refusedToken({ cluster, token, now }: EnrolView): Refusal | undefined {
  if (token === undefined) return refuse("token", "the join token was not made by this installation");
  if (token.name !== credentialName("join", cluster)) return refuse("token", `the join token is not for cluster ${cluster}`);
  if (token.exp === undefined || token.exp * 1000 <= now) return refuse("token", `the join token has expired; make another by: sightline join-command ${cluster}`);
  return undefined;
}

function refusedKeys({ request: { agentKey, connectionKey }, token, signed, isElsewhere }: EnrolView): Refusal | undefined {
  if (!signed.byAgent || !signed.byConnection || !signed.byToken) return refuse("signature", "the request is not signed by the keys that it names");
  if (new Set([agentKey, connectionKey, token?.sub]).size < 3) return refuse("keys", "agent, connection and token must have a key each");
  return [agentKey, connectionKey].some(isElsewhere) ? refuse("keys", "another cluster has one of the keys: each agent has to make its own") : undefined;
}

/** Whether another cluster's agent has this key. Its sealing key does not count: who names another's can open nothing. Pure. */
export function isPinnedElsewhere(registrations: readonly ClusterRegistration[], cluster: string, key: string): boolean {
  return registrations.some(({ metadata, status = {} }) => metadata.name !== cluster && [status.publicKey, status.connectionKey].includes(key));
}

function samePins(status: ClusterRegistrationStatus, { agentKey, connectionKey, sealingKey }: EnrolRequest): boolean {
  return status.publicKey === agentKey && status.connectionKey === connectionKey && status.sealingKey === sealingKey;
}

export interface RenewView {
  cluster: string;
  registration: ClusterRegistration | undefined;
  request: RenewRequest;
  signedByAgent: boolean;
  isRevoked: (key: string) => boolean;
  /** Until when (Unix seconds) credentials of a key are void; undefined: none are. */
  voidUntil: (key: string) => number | undefined;
  now: number;
}

export type RenewDecision =
  | Refusal
  /** It may ask again later. */
  | { kind: "wait"; reason: string; agentKey: string }
  | { kind: "issue"; agentKey: string; connectionKey: string };

/** Whether an agent gets working credentials. Pure. */
export function decideRenewal(view: RenewView): RenewDecision {
  const { cluster, request, now } = view;
  const registration = openRegistration(cluster, view.registration);
  if ("reason" in registration) return registration;
  const { publicKey: agentKey, connectionKey } = registration.status ?? {};
  if (agentKey !== request.agentKey || connectionKey === undefined) return unknownAgent(cluster, request.agentKey);
  const refusal = refusedAgent(view);
  if (refusal !== undefined) return refusal;
  if (registration.spec.accepted !== true) return { kind: "wait", agentKey, reason: `ClusterRegistration ${cluster} is not accepted: spec.accepted must be true` };
  // What is issued in the second of a revocation is void, too.
  const soon = (view.voidUntil(connectionKey) ?? 0) >= Math.floor(now / 1000);
  return soon ? { kind: "wait", agentKey, reason: "it was accepted a moment ago" } : { kind: "issue", agentKey, connectionKey };
}

function refusedAgent({ cluster, request, signedByAgent, isRevoked }: RenewView): Refusal | undefined {
  if (!signedByAgent) return refuse("signature", "the request is not signed by the key that it names");
  return isRevoked(request.agentKey) ? refuse("revoked", `the agent's key was revoked; to let it in again: sightline join-command ${cluster} --renew`) : undefined;
}

function unknownAgent(cluster: string, key: string): Refusal {
  return refuse("unknown-key", `${key} is not the key of ${cluster}'s agent; to let this agent take its place: sightline join-command ${cluster} --renew`);
}

function refuse(rule: Refusal["rule"], reason: string): Refusal {
  return { kind: "refuse", rule, reason };
}
