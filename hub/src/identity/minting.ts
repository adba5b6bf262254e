import { Algorithms, decode, encodeAccount, encodeUser, type User } from "@nats-io/jwt";
import { canonicalJson } from "@sightline/shared";
import { agentPermissions, importedServices, joinPermissions, restingPermissions, type SubjectPermissions } from "@sightline/shared/wire";

/**
 * NATS credentials by operator JWT (https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/jwt):
 * the operator's key signs accounts, an account's key signs its users, and a server believes what goes back to its operator.
 */

/** No limit, said of each: an account that is encoded without limits accepts no connection. */
const UNLIMITED = { data: -1, payload: -1, subs: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 } as const;
const JETSTREAM = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1, mem_max_stream_bytes: -1, disk_max_stream_bytes: -1, max_bytes_required: false, max_ack_pending: -1 } as const;

export interface AgentsAccountInput {
  /** `A…` of the account AGENTS. */
  agents: string;
  /** `A…` of the account HUB. */
  hub: string;
  /** `A…` of the key that signs the agents' users. */
  agentsSigning: string;
  /** Seed of one of the operator's signing keys. */
  operatorSigningSeed: string;
  /** Unix seconds by public key: what was issued to it up to then is void. */
  revocations: Readonly<Record<string, number>>;
}

/** The account AGENTS: without JetStream, and with nothing but what it imports from the hub's. */
export async function encodeAgentsAccount({ agents, hub, agentsSigning, operatorSigningSeed, revocations }: AgentsAccountInput): Promise<string> {
  const imports = importedServices().map(({ subject, local }) => ({ name: subject, subject, account: hub, type: "service" as const, ...(local !== subject && { local_subject: local }) }));
  const account = { imports, limits: UNLIMITED, signing_keys: [agentsSigning], revocations: { ...revocations } };
  return await encodeAccount("AGENTS", agents, account, { signer: operatorSigningSeed, algorithm: Algorithms.v2 });
}

/** What an account's JWT says, whenever it was issued: the same text for the same content. */
export function accountContent(jwt: string): string {
  return canonicalJson(decode(jwt).nats);
}

/** What an account's JWT lets its users do: the same text for the same rights. */
export function accountRights(jwt: string): string {
  const { nats } = decode<{ imports: unknown; signing_keys: unknown }>(jwt);
  return canonicalJson([nats.imports ?? [], nats.signing_keys ?? []]);
}

/** The account HUB: it owns every stream and consumer, and exports what agents need of them. */
export async function encodeHubAccount(hub: string, operatorSigningSeed: string): Promise<string> {
  const exports = importedServices().map(({ subject, streamed }) => ({ name: subject, subject, type: "service" as const, ...(streamed && { response_type: "Stream" as const }) }));
  return await encodeAccount("HUB", hub, { exports, limits: { ...UNLIMITED, ...JETSTREAM } }, { signer: operatorSigningSeed, algorithm: Algorithms.v2 });
}

/** The system account: who may push accounts to the servers. */
export async function encodeSystemAccount(system: string, operatorSigningSeed: string): Promise<string> {
  return await encodeAccount("SYS", system, { limits: UNLIMITED }, { signer: operatorSigningSeed, algorithm: Algorithms.v2 });
}

/** A user with all rights in its account: the hub's, the system's. It does not expire: its key is in the installation's Secret. */
export async function mintAccountUser(name: string, publicKey: string, accountSeed: string): Promise<string> {
  return await encodeUser(name, publicKey, accountSeed, {}, { algorithm: Algorithms.v2 });
}

/** Seconds that credentials of an agent are valid. */
export const LIFETIMES = { join: 3600, resting: 30 * 86_400, working: 86_400 } as const;

/** What an agent's credentials are for: to join once, to ask whether it is accepted, to work. */
export type CredentialKind = keyof typeof LIFETIMES;

/** Name of the user JWT: the whole of it counts, so that no cluster passes for one whose name begins alike. */
export function credentialName(kind: CredentialKind, cluster: string): string {
  return `${kind}-${cluster}`;
}

export interface MintRequest {
  kind: CredentialKind;
  cluster: string;
  /** `U…` of the key that they are for. */
  publicKey: string;
  /** Unix seconds. */
  expiresAt: number;
  /** Which replica of the agent; of working credentials only. */
  ordinal?: number;
}

/** Makes credentials of agents, in the name of the account AGENTS. */
export class Minter {
  readonly #agents: string;
  readonly #signingSeed: string;

  constructor(options: { agents: string; agentsSigningSeed: string }) {
    this.#agents = options.agents;
    this.#signingSeed = options.agentsSigningSeed;
  }

  /** @returns a user JWT. It holds no secret, and is of no use without the key that it names. */
  async mint({ kind, cluster, publicKey, expiresAt, ordinal = 0 }: MintRequest): Promise<string> {
    const { publish, subscribe } = permissionsOf(kind, cluster, ordinal);
    const user: Partial<User> = { issuer_account: this.#agents, pub: { allow: publish }, sub: { allow: subscribe } };
    return await encodeUser(credentialName(kind, cluster), publicKey, this.#signingSeed, user, { algorithm: Algorithms.v2, exp: expiresAt });
  }
}

function permissionsOf(kind: CredentialKind, cluster: string, ordinal: number): SubjectPermissions {
  if (kind === "join") return joinPermissions(cluster);
  return kind === "resting" ? restingPermissions(cluster) : agentPermissions(cluster, ordinal);
}
