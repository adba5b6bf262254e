import { type JoinToken, newSigningKey } from "@sightline/shared/identity";
import type { HubKeys } from "./hub-keys.ts";
import { Minter } from "./minting.ts";

/** What making a token takes of an installation. */
export type TokenMaker = Pick<HubKeys, "installation" | "agentsSigningSeed">;

/**
 * A join token for one cluster: a new credential that may ask to enrol as that cluster and do nothing else, with all that
 * the agent must know. Nothing is written anywhere: the hub believes it by its signature, and remembers it once it was used.
 * @param expiresAt Unix seconds
 */
export async function makeJoinToken({ installation, agentsSigningSeed }: TokenMaker, cluster: string, expiresAt: number): Promise<JoinToken> {
  const { accounts, nats, hubSigning: hubKey, hubSealing: hubSealingKey } = installation;
  const { seed, key } = newSigningKey("agent");
  const minter = new Minter({ agents: accounts.AGENTS.publicKey, agentsSigningSeed });
  const jwt = await minter.mint({ kind: "join", cluster, publicKey: key.publicKey, expiresAt });
  return { cluster, ...nats, seed, jwt, hubKey, hubSealingKey };
}
