import { randomBytes } from "node:crypto";
import type { Clock } from "@sightline/shared";
import { type JoinToken, sealingKeyOf, signingKeyOf } from "@sightline/shared/identity";
import { askHub, type CredentialSource, type Credentials, type IdentityRequest, type NatsSettings } from "@sightline/shared/nats";
import { agentInboxPrefix, encodeEnrolRequest, encodeRenewRequest, enrolSubject, type IdentityAnswer, joinInboxPrefix, parseIdentityAnswer, renewSubject } from "@sightline/shared/wire";
import { AGENT_VERSION } from "../version.ts";
import type { StoredIdentity } from "./stored-identity.ts";

export interface ConversationOptions {
  cluster: string;
  /** In place of those of the join token. */
  servers?: readonly string[] | undefined;
  caFile?: string | undefined;
  clock: Clock;
}

/** Where NATS is, as a join token says. */
type Place = Pick<StoredIdentity, "servers" | "ca">;

/** What an agent asks the hub about itself. Each question has a connection of its own. */
export class Conversation {
  readonly #options: ConversationOptions;

  constructor(options: ConversationOptions) {
    this.#options = options;
  }

  /** @throws SightlineError when there is no answer that can be believed. */
  async enrol(token: JoinToken, identity: StoredIdentity): Promise<IdentityAnswer> {
    const { cluster } = this.#options;
    const key = signingKeyOf(identity.agentSeed);
    const connectionKey = signingKeyOf(identity.connectionSeed);
    const sealingKey = sealingKeyOf(identity.sealingSeed).publicKey;
    const facts = this.#facts();
    const payload = encodeEnrolRequest(cluster, { token: token.jwt, agentKey: key.publicKey, connectionKey: connectionKey.publicKey, sealingKey, ...facts });
    const settings = { ...this.place(token), credentials: fixed(token.jwt, token.seed), name: `join-${cluster}`, inboxPrefix: joinInboxPrefix(cluster) };
    return await this.#asked(settings, { subject: enrolSubject(cluster), payload, key, tokenKey: signingKeyOf(token.seed), connectionKey, hubKey: token.hubKey }, facts.nonce);
  }

  /** @throws SightlineError likewise. */
  async renew(identity: StoredIdentity, resting: string): Promise<IdentityAnswer> {
    const { cluster } = this.#options;
    const key = signingKeyOf(identity.agentSeed);
    const facts = this.#facts();
    const payload = encodeRenewRequest(cluster, { agentKey: key.publicKey, ...facts });
    const settings = { ...this.place(identity), credentials: fixed(resting, identity.agentSeed), name: `resting-${cluster}`, inboxPrefix: agentInboxPrefix(cluster) };
    return await this.#asked(settings, { subject: renewSubject(cluster), payload, key, hubKey: identity.hubKey }, facts.nonce);
  }

  /** Where to connect: what the flags say goes before what the token said. */
  place({ servers, ca }: Place): Pick<NatsSettings, "servers" | "ca" | "caFile"> {
    const { servers: named, caFile } = this.#options;
    return { servers: [...(named ?? servers)], ...(caFile === undefined ? (ca === undefined ? {} : { ca }) : { caFile }) };
  }

  async #asked(settings: NatsSettings, request: Omit<IdentityRequest, "isAnswer">, nonce: string): Promise<IdentityAnswer> {
    const read = (answer: Uint8Array): IdentityAnswer => parseIdentityAnswer(this.#options.cluster, answer);
    return read(await askHub(settings, { ...request, isAnswer: (answer) => read(answer).nonce === nonce }));
  }

  #facts(): { nonce: string; agentVersion: string; sentAt: number } {
    return { nonce: randomBytes(24).toString("base64url"), agentVersion: AGENT_VERSION, sentAt: Math.floor(this.#options.clock.now()) };
  }
}

function fixed(jwt: string, seed: string): CredentialSource {
  const current: Credentials = { jwt, seed: new TextEncoder().encode(seed) };
  return () => ({ current, renew: () => false });
}
