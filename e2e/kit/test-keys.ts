import { headSigner, headsSignedBy, newSigningKey, type SigningKey, signingKeyOf } from "@sightline/shared/identity";
import { readCreds } from "@sightline/shared/nats";
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

/** The key in a NATS credentials file: what an agent signs with. */
export function keyInCreds(file: string): SigningKey {
  return signingKeyOf(new TextDecoder().decode(readCreds(file).seed));
}
