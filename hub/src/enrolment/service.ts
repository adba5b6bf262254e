import type { Clock } from "@sightline/shared";
import { type ClusterRegistration, rfc3339 } from "@sightline/shared/api";
import { readClaims, verifiedClaims } from "@sightline/shared/identity";
import type { IdentityAsker, IdentityQuestion } from "@sightline/shared/nats";
import { errorFields, type Logger } from "@sightline/shared/telemetry";
import { encodeIdentityAnswer, type EnrolRequest, type IdentityAnswer, parseEnrolRequest, parseRenewRequest, type RenewRequest, WireError } from "@sightline/shared/wire";
import type { AuditEntry, AuditLog } from "../audit/types.ts";
import type { HubKeys } from "../identity/hub-keys.ts";
import { type CredentialKind, LIFETIMES, type Minter } from "../identity/minting.ts";
import { isKubeError } from "../kube/errors.ts";
import { decideEnrolment, decideRenewal, type EnrolDecision, isPinnedElsewhere, type Refusal } from "./decide.ts";
import { LastIssued } from "./last-issued.ts";
import type { RegistrationStore } from "./registrations.ts";
import type { RevocationBook } from "./revocation-book.ts";
import { formerToken, replacedKeys, usedToken } from "./revocations.ts";
import { Tally } from "./tally.ts";

export interface IdentityServiceOptions {
  registrations: RegistrationStore;
  /** All registrations as last seen. That of the cluster that asks is read anew. */
  known: () => readonly ClusterRegistration[];
  book: RevocationBook;
  minter: Pick<Minter, "mint">;
  keys: Pick<HubKeys, "signing" | "sealing" | "installation">;
  audit: AuditLog;
  clock: Clock;
  logger: Logger;
  /** Something was revoked: servers are to be told. */
  onRevoked: () => void;
  /** Another agent took the place of the one that was known. */
  onReplaced: (registration: ClusterRegistration, keys: { before: string; now: string }) => void;
  /** Seconds that credentials are valid. */
  lifetimes?: Readonly<Record<CredentialKind, number>>;
}

/** A conflict means that somebody else wrote: it is decided anew, on what is there now. */
const ATTEMPTS = 5;

/** A refusal as it is told: in the log, and in the audit log. `message`: it cannot be read; `rate`: nobody looked. */
interface Refused extends IdentityAsker {
  agentKey: string;
  rule: Refusal["rule"] | "message" | "rate";
  reason: string;
}

/** Rules that know who asks, and say no all the same. */
const FORBIDDEN: ReadonlySet<Refused["rule"]> = new Set(["registration", "revoked", "rate"]);

type Pin = Extract<EnrolDecision, { kind: "pin" }>;

/** Who answers agents that ask to be known, and those that are known and ask for credentials. */
export class IdentityService {
  readonly #options: IdentityServiceOptions;
  readonly #lifetimes: Readonly<Record<CredentialKind, number>>;
  readonly #refused: Tally<Refused>;
  readonly #issued: LastIssued;
  readonly #lost = (failure: unknown): void => this.#options.logger.error("A refusal could not be kept in the audit log", errorFields(failure));

  constructor(options: IdentityServiceOptions) {
    this.#options = options;
    this.#refused = new Tally({ clock: options.clock, tell: (refused, count) => this.#tell(refused, count), onFailure: this.#lost });
    this.#lifetimes = options.lifetimes ?? LIFETIMES;
    this.#issued = new LastIssued(this.#lifetimes.working);
  }

  /** Never throws. @returns undefined where nobody can be answered, or nothing can be decided now: agents ask again. */
  async answer(question: IdentityQuestion): Promise<Uint8Array | undefined> {
    const { cluster, verb } = question;
    const { logger } = this.#options;
    try {
      const answer = await (verb === "enrol" ? this.#enrol(question) : this.#renew(question));
      return encodeIdentityAnswer(cluster, answer);
    } catch (error) {
      // Who sent it cannot be told, and is not answered.
      if (error instanceof WireError) await this.#keep({ cluster, verb, agentKey: "", rule: "message", reason: error.message }).catch(this.#lost);
      else logger.warn("A request of an agent could not be answered", { cluster, verb, ...errorFields(error) });
      return undefined;
    }
  }

  /** Somebody with a cluster's credentials asks more than an agent does, and was not listened to. Never throws. */
  dropped({ cluster, verb }: IdentityAsker): void {
    void this.#keep({ cluster, verb, agentKey: "", rule: "rate", reason: "it asks more often than an agent does" }).catch(this.#lost);
  }

  /** What is not told yet, is. Never throws. */
  stop(): Promise<void> {
    return this.#refused.close();
  }

  async #enrol(question: IdentityQuestion): Promise<IdentityAnswer> {
    const { cluster } = question;
    const request = parseEnrolRequest(cluster, question.payload);
    const token = verifiedClaims(request.token, this.#options.keys.installation.agentsSigning);
    const { agentKey, connectionKey } = request;
    const signed = { byAgent: question.isSignedBy(agentKey, "agent"), byConnection: question.isSignedBy(connectionKey, "connection"), byToken: token !== undefined && question.isSignedBy(token.sub, "token") };
    return await this.#decided(async () => {
      const { registrations, known, book, clock } = this.#options;
      await book.load();
      const registration = await registrations.read(cluster);
      const decision = decideEnrolment({ cluster, registration, request, token, signed, isElsewhere: (key) => isPinnedElsewhere(known(), cluster, key), isRevoked: (key) => book.voidUntil(key) !== undefined, now: clock.now() });
      if (decision.kind === "refuse") return await this.#refuse(question, request, decision);
      if (decision.kind === "pin" && registration !== undefined) await this.#pin(registration, decision);
      return this.#say(request, "waiting", { reason: "enrolled", resting: await this.#mint("resting", cluster, request.agentKey) });
    });
  }

  async #renew(question: IdentityQuestion): Promise<IdentityAnswer> {
    const { cluster } = question;
    const request = parseRenewRequest(cluster, question.payload);
    return await this.#decided(async () => {
      const { registrations, book, clock } = this.#options;
      if (book.list === undefined) await book.load();
      const registration = await registrations.read(cluster);
      const voidUntil = (key: string): number | undefined => book.voidUntil(key);
      const decision = decideRenewal({ cluster, registration, request, signedByAgent: question.isSignedBy(request.agentKey, "agent"), isRevoked: (key) => voidUntil(key) !== undefined, voidUntil, now: clock.now() });
      if (decision.kind === "refuse" || registration === undefined) return await this.#refuse(question, request, decision.kind === "refuse" ? decision : undefined);
      await this.#spendToken(registration);
      const resting = await this.#mint("resting", cluster, decision.agentKey);
      if (decision.kind === "wait") return this.#say(request, "waiting", { reason: decision.reason, resting });
      return this.#say(request, "working", { resting, working: await this.#issue(registration, decision.connectionKey) });
    });
  }

  /** What was decided on an old picture is decided again. */
  async #decided(decide: () => Promise<IdentityAnswer>): Promise<IdentityAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await decide();
      } catch (error) {
        if (!isKubeError(error, "CONFLICT") || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /** The former agent is shut out before the new one is known, and the new one has to be accepted. */
  async #pin(registration: ClusterRegistration, { keys, tokenKey, replaces, unaccept }: Pin): Promise<void> {
    const { registrations, book, clock, logger } = this.#options;
    const { name } = registration.metadata;
    await this.#audit("enrol", registration, keys.publicKey, { outcome: "Success", ...(replaces === undefined ? {} : { reason: `takes the place of ${replaces}` }) });
    const nowSeconds = Math.floor(clock.now() / 1000);
    const replaced = [...replacedKeys(registration, keys, nowSeconds), ...formerToken(registration, tokenKey, nowSeconds)];
    await book.add(replaced);
    if (replaced.length > 0) this.#options.onRevoked();
    const current = unaccept ? await registrations.unaccept(registration) : registration;
    const enrolment = { tokenKey, time: rfc3339(clock.now()), ...(replaces === undefined ? {} : { replacedKey: replaces }) };
    const written = await registrations.write(current, { ...keys, enrolment });
    logger.info("An agent has enrolled", { cluster: name, agent_key: keys.publicKey, ...(replaces === undefined ? {} : { replaces }) });
    if (replaces !== undefined) this.#options.onReplaced(written, { before: replaces, now: keys.publicKey });
  }

  /** The agent has its credentials: from here on its token is worth nothing, not even to ask again. */
  async #spendToken(registration: ClusterRegistration): Promise<void> {
    const { book, clock, onRevoked } = this.#options;
    const spent = usedToken(registration, Math.floor(clock.now() / 1000));
    if (spent === undefined || book.voidUntil(spent.key) !== undefined) return;
    await book.add([spent]);
    onRevoked();
  }

  /** Handed out only when it is written down that it was issued: whoever revokes goes by that. */
  async #issue(registration: ClusterRegistration, connectionKey: string): Promise<string> {
    const { registrations, book, clock } = this.#options;
    const { name } = registration.metadata;
    const last = this.#issued.find(name, connectionKey, book.voidUntil(connectionKey), clock.monotonic());
    if (last !== undefined) return last;
    const working = await this.#mint("working", name, connectionKey);
    await registrations.write(registration, { enrolment: { credentialsIssuedTime: rfc3339(readClaims(working).iat * 1000) } });
    await this.#audit("renew", registration, registration.status?.publicKey ?? "", { outcome: "Success" });
    this.#issued.keep(name, { connectionKey, working, at: clock.monotonic() });
    return working;
  }

  #mint(kind: CredentialKind, cluster: string, publicKey: string): Promise<string> {
    return this.#options.minter.mint({ kind, cluster, publicKey, expiresAt: Math.floor(this.#options.clock.now() / 1000) + this.#lifetimes[kind] });
  }

  async #refuse({ cluster, verb }: IdentityQuestion, request: EnrolRequest | RenewRequest, refusal: Refusal = { kind: "refuse", rule: "registration", reason: `there is no ClusterRegistration ${cluster}` }): Promise<IdentityAnswer> {
    const { rule, reason } = refusal;
    await this.#keep({ cluster, verb, agentKey: request.agentKey, rule, reason });
    return this.#say(request, "refused", { reason });
  }

  /** Each cluster's of each kind for itself: the many of one do not hide the few of another. */
  #keep(refused: Refused): Promise<void> {
    return this.#refused.add(`${refused.verb} ${refused.cluster} ${refused.rule}`, refused);
  }

  async #tell({ cluster, verb, agentKey, rule, reason }: Refused, count: number): Promise<void> {
    this.#options.logger.warn("An agent was refused", { cluster, verb, agent_key: agentKey, rule, reason, count });
    const outcome = FORBIDDEN.has(rule) ? "Forbidden" : "Unauthorized";
    await this.#audit(verb, cluster, agentKey, { outcome, reason, rule, count });
  }

  async #audit(operation: "enrol" | "renew", of: ClusterRegistration | string, agentKey: string, decision: Pick<AuditEntry, "outcome" | "reason" | "rule" | "count">): Promise<void> {
    const resource = typeof of === "string" ? { name: of } : { name: of.metadata.name, uid: of.metadata.uid };
    const user = { name: `sightline:agent:${resource.name}`, uid: agentKey, groups: ["sightline:agents"] };
    await this.#options.audit.record({ operation, user, resource: { kind: "ClusterRegistration", ...resource }, clusters: [resource.name], ...decision });
  }

  #say({ nonce }: { nonce: string }, state: IdentityAnswer["state"], more: Pick<IdentityAnswer, "reason" | "resting" | "working">): IdentityAnswer {
    const { signing, sealing } = this.#options.keys;
    return { nonce, state, ...more, hubKey: signing.publicKey, hubSealingKey: sealing.publicKey };
  }
}
