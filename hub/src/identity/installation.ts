import { randomBytes } from "node:crypto";
import { createAccount, createOperator, createUser, encodeOperator, fmtCreds, fromSeed, type KeyPair } from "@nats-io/jwt";
import { newSealingKey, newSigningKey } from "@sightline/shared/identity";
import { encodeAgentsAccount, encodeHubAccount, encodeSystemAccount, mintAccountUser } from "./minting.ts";

/** How agents reach NATS. */
export interface NatsPlace {
  /** `tls://host:port`, one or more. */
  servers: string[];
  /** PEM of the authority of their certificates; absent: the system's authorities. */
  ca?: string;
}

/** What NATS servers are told, and what anybody may know. */
export interface PublicInstallation {
  nats: NatsPlace;
  /** JWT. */
  operator: string;
  accounts: Record<AccountName, { publicKey: string; jwt: string }>;
  /** `A…` of the key that signs the agents' users. */
  agentsSigning: string;
  /** `N…`: what agents know the hub by. */
  hubSigning: string;
  /** `X…`: what agents know the sender of a sealed text by. */
  hubSealing: string;
}

export type AccountName = "SYS" | "HUB" | "AGENTS";

/** Names of the files that the hub reads, in a folder or a Secret. */
export const KEY_FILES = {
  installation: "installation.json",
  hubCreds: "hub.creds",
  systemCreds: "system.creds",
  operatorSigning: "operator-signing.nk",
  agentsSigning: "agents-signing.nk",
  hubSigning: "hub-signing.nk",
  hubSealing: "hub-sealing.nk",
  hmac: "hmac.key",
} as const;

/** Where `sightline init` puts them, within the folder that it makes. */
export const KEYS_FOLDER = "keys";

/** A new installation: texts by file name. */
export interface InstallationFiles {
  /** What the hub needs. Who has it can speak for the hub. */
  keys: Record<string, string>;
  /** Identity keys, which nothing needs to run: only to replace signing keys. They belong where no server reaches them. */
  offline: Record<string, string>;
  public: PublicInstallation;
}

/**
 * Makes all keys of an installation. Operator and accounts are signed for by signing keys, so that what a hub holds can
 * be taken from it without a new operator; NATS calls it a chain of trust.
 */
export async function makeInstallation(nats: NatsPlace): Promise<InstallationFiles> {
  const identities = { operator: createOperator(), SYS: createAccount(), HUB: createAccount(), AGENTS: createAccount() };
  const operatorSigning = createOperator();
  const agentsSigning = createAccount();
  const users = { hub: createUser(), system: createUser() };
  const [signing, sealing] = [newSigningKey("hub"), newSealingKey()];
  const signer = seedOf(operatorSigning);
  const keyOf = (account: AccountName): string => identities[account].getPublicKey();
  const publicPart: PublicInstallation = {
    nats,
    operator: await encodeOperator("sightline", identities.operator, { signing_keys: [operatorSigning.getPublicKey()], system_account: keyOf("SYS") }),
    accounts: {
      SYS: { publicKey: keyOf("SYS"), jwt: await encodeSystemAccount(keyOf("SYS"), signer) },
      HUB: { publicKey: keyOf("HUB"), jwt: await encodeHubAccount(keyOf("HUB"), signer) },
      AGENTS: { publicKey: keyOf("AGENTS"), jwt: await encodeAgentsAccount({ agents: keyOf("AGENTS"), hub: keyOf("HUB"), agentsSigning: agentsSigning.getPublicKey(), operatorSigningSeed: signer, revocations: {} }) },
    },
    agentsSigning: agentsSigning.getPublicKey(),
    hubSigning: signing.key.publicKey,
    hubSealing: sealing.key.publicKey,
  };
  return {
    keys: {
      [KEY_FILES.installation]: `${JSON.stringify(publicPart, null, 2)}\n`,
      [KEY_FILES.hubCreds]: credsText(await mintAccountUser("sightline-hub", users.hub.getPublicKey(), seedOf(identities.HUB)), seedOf(users.hub)),
      [KEY_FILES.systemCreds]: credsText(await mintAccountUser("sightline-system", users.system.getPublicKey(), seedOf(identities.SYS)), seedOf(users.system)),
      [KEY_FILES.operatorSigning]: `${signer}\n`,
      [KEY_FILES.agentsSigning]: `${seedOf(agentsSigning)}\n`,
      [KEY_FILES.hubSigning]: `${signing.seed}\n`,
      [KEY_FILES.hubSealing]: `${sealing.seed}\n`,
      [KEY_FILES.hmac]: `${randomBytes(32).toString("base64")}\n`,
    },
    offline: {
      "operator.nk": `${seedOf(identities.operator)}\n`,
      "account-sys.nk": `${seedOf(identities.SYS)}\n`,
      "account-hub.nk": `${seedOf(identities.HUB)}\n`,
      "account-agents.nk": `${seedOf(identities.AGENTS)}\n`,
    },
    public: publicPart,
  };
}

/** A JWT and the seed of its key, in the form of NATS' credentials files. */
export function credsText(jwt: string, seed: string): string {
  return new TextDecoder().decode(fmtCreds(jwt, fromSeed(new TextEncoder().encode(seed))));
}

function seedOf(pair: KeyPair): string {
  return new TextDecoder().decode(pair.getSeed());
}
