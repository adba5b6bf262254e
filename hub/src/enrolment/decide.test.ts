import type { ClusterRegistration, ClusterRegistrationStatus } from "@sightline/shared/api";
import { describe, expect, it } from "vitest";
import { registration } from "../testing/objects.ts";
import { decideEnrolment, decideRenewal, type EnrolView, isPinnedElsewhere, type RenewView } from "./decide.ts";

const NOW = 1_700_000_000_000;
const OWN = { agentKey: "A", connectionKey: "C", sealingKey: "S" };
const PINNED = { publicKey: "A", connectionKey: "C", sealingKey: "S", enrolment: { tokenKey: "T", time: "2023-11-14T22:00:00Z" } };
const facts = { nonce: "n", agentVersion: "0.1.0", sentAt: NOW };
const going = registration("eu-1", { metadata: { deletionTimestamp: "2023-11-14T22:00:00Z" } });

const token = { name: "join-eu-1", sub: "T", iss: "I", iat: NOW / 1000 - 60, exp: NOW / 1000 + 60 };

/** eu-1's registration, with what its status says. */
function eu1(status: ClusterRegistrationStatus = {}, accepted = false): ClusterRegistration {
  return registration("eu-1", { spec: { accepted }, status });
}

function enrolling(change: Partial<EnrolView> = {}): EnrolView {
  return {
    cluster: "eu-1",
    registration: eu1(),
    request: { ...OWN, ...facts, token: "jwt" },
    token,
    signed: { byAgent: true, byConnection: true, byToken: true },
    isElsewhere: () => false,
    isRevoked: () => false,
    now: NOW,
    ...change,
  };
}

describe("an enrolment", () => {
  it.each<[string, Partial<EnrolView>, object]>([
    ["of a cluster without an agent pins its keys", {}, { kind: "pin", tokenKey: "T", replaces: undefined, unaccept: false }],
    ["asked for again, since the answer was lost, writes nothing", { registration: eu1(PINNED) }, { kind: "known" }],
    ["of the same agent by another token replaces nobody", { registration: eu1({ ...PINNED, enrolment: { tokenKey: "T0" } }, true) }, { kind: "pin", replaces: undefined, unaccept: false }],
    ["of another agent takes the place of the former one", { registration: eu1({ ...PINNED, publicKey: "A0", enrolment: { tokenKey: "T0" } }) }, { kind: "pin", replaces: "A0", unaccept: false }],
    ["of another agent takes acceptance back", { registration: eu1({ ...PINNED, publicKey: "A0", enrolment: { tokenKey: "T0" } }, true) }, { kind: "pin", replaces: "A0", unaccept: true }],
    ["of no registration", { registration: undefined }, { rule: "registration" }],
    ["of one that is being deleted", { registration: going }, { rule: "registration" }],
    ["by a token that somebody else made", { token: undefined }, { rule: "token" }],
    ["by another cluster's token", { token: { ...token, name: "join-eu-2" } }, { rule: "token" }],
    ["by the token of a cluster whose name begins alike", { token: { ...token, name: "join-eu-11" } }, { rule: "token" }],
    ["by credentials that are no join token", { token: { ...token, name: "working-eu-1" } }, { rule: "token" }],
    ["by a token in the second of its end", { token: { ...token, exp: NOW / 1000 } }, { rule: "token" }],
    ["by a token without an end", { token: { name: "join-eu-1", sub: "T", iss: "I", iat: NOW / 1000 } }, { rule: "token" }],
    ["by a token that another agent used here", { registration: eu1({ ...PINNED, publicKey: "A0" }) }, { rule: "token-used" }],
    ["by a token that was spent", { isRevoked: (key) => key === "T" }, { rule: "token-used" }],
    ["unsigned by the agent's key", { signed: { byAgent: false, byConnection: true, byToken: true } }, { rule: "signature" }],
    ["unsigned by the connection's key", { signed: { byAgent: true, byConnection: false, byToken: true } }, { rule: "signature" }],
    ["unsigned by the token's key", { signed: { byAgent: true, byConnection: true, byToken: false } }, { rule: "signature" }],
    ["with one key for agent and connection", { request: { ...OWN, ...facts, token: "jwt", connectionKey: "A" } }, { rule: "keys" }],
    ["with the token's key as its own", { request: { ...OWN, ...facts, token: "jwt", agentKey: "T" } }, { rule: "keys" }],
    ["with another cluster's key", { isElsewhere: (key) => key === "C" }, { rule: "keys" }],
    ["with a key that was revoked", { isRevoked: (key) => key === "A" }, { rule: "revoked" }],
  ])("%s", (_which, change, expected) => {
    expect(decideEnrolment(enrolling(change))).toMatchObject({ ...("rule" in expected ? { kind: "refuse" } : {}), ...expected });
  });
});

function renewing(change: Partial<RenewView> = {}): RenewView {
  return { cluster: "eu-1", registration: eu1(PINNED, true), request: { agentKey: "A", ...facts }, signedByAgent: true, isRevoked: () => false, voidUntil: () => undefined, now: NOW, ...change };
}

describe("a renewal", () => {
  const issue = { kind: "issue", agentKey: "A", connectionKey: "C" };
  it.each<[string, Partial<RenewView>, object]>([
    ["of an accepted cluster's agent gives it credentials", {}, issue],
    ["after what was void before this second gives others", { voidUntil: () => NOW / 1000 - 1 }, issue],
    ["in the second of a revocation waits: what is issued in it is void, too", { voidUntil: () => NOW / 1000 }, { kind: "wait" }],
    ["of a cluster that is not accepted waits", { registration: eu1(PINNED) }, { kind: "wait" }],
    ["of no registration", { registration: undefined }, { rule: "registration" }],
    ["of one that is being deleted", { registration: going }, { rule: "registration" }],
    ["before it enrolled", { registration: eu1({}, true) }, { rule: "unknown-key" }],
    ["by an agent whose place another one took", { registration: eu1({ ...PINNED, publicKey: "A1" }, true) }, { rule: "unknown-key" }],
    ["that the agent did not sign", { signedByAgent: false }, { rule: "signature" }],
    ["by a key that was revoked", { isRevoked: (key) => key === "A" }, { rule: "revoked" }],
  ])("%s", (_which, change, expected) => {
    expect(decideRenewal(renewing(change))).toMatchObject({ ...("rule" in expected ? { kind: "refuse" } : {}), ...expected });
  });
});

describe("a key of another cluster", () => {
  it.each([
    ["its agent's key", "A", true],
    ["its connection's key", "C", true],
    ["its sealing key, with which nobody else can open anything", "S", false],
  ])("counts: %s", (_which, key, expected) => {
    expect(isPinnedElsewhere([eu1(PINNED)], "us-1", key)).toBe(expected);
    expect(isPinnedElsewhere([eu1(PINNED)], "eu-1", key)).toBe(false);
  });
});
