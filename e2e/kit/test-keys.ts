import { readFileSync } from "node:fs";
import { join } from "node:path";
import { headSigner, headsSignedBy, newSigningKey, type SigningKey, signingKeyOf } from "@sightline/shared/identity";
import { readCreds } from "@sightline/shared/nats";
import { textAt } from "./json.ts";
import type { SandboxState } from "../sandbox/state.ts";
import { readHubKeys } from "../../hub/src/identity/hub-keys.ts";
import type { NatsAccess } from "../sandbox/parts/nats-server.ts";

/** The key of a hub that only one test knows, for what runs without an installation. */
export const testHubKey = newSigningKey("hub").key;
export const signAsTestHub = headSigner(testHubKey);
export const isTestHubs = headsSignedBy(() => [testHubKey.publicKey]);

/** The key that the hub of an installation signs heads with: whoever has it is the hub. */
export async function hubKeyOf({ keysDir }: Pick<NatsAccess, "keysDir">): Promise<SigningKey> {
  return (await readHubKeys(keysDir)).signing;
}

/** The key that the agent of a cluster signs with: the one that it made, or the one that tests speak for it with. */
export function agentKeyOf({ nats, state }: { nats: Pick<NatsAccess, "agentCredsFiles">; state?: Pick<SandboxState, "agents"> }, cluster: string): SigningKey {
  const agent = state?.agents.find((one) => one.cluster === cluster);
  if (agent !== undefined) return signingKeyOf(textAt(JSON.parse(readFileSync(join(agent.dataDir, "identity", "identity.json"), "utf8")), "agentSeed") ?? "");
  const file = nats.agentCredsFiles.get(cluster);
  if (file === undefined) throw new Error(`there is no agent of ${cluster}`);
  return keyInCreds(file);
}

/** The key in a NATS credentials file: what an agent signs with. */
export function keyInCreds(file: string): SigningKey {
  return signingKeyOf(new TextDecoder().decode(readCreds(file).seed));
}
