/** What others than the hub itself need of an installation: the sandbox, tests. */
export { type HubKeys, hubKeysIn, readHubKeys } from "./hub-keys.ts";
export { credsText, type InstallationFiles, KEY_FILES, makeInstallation, type NatsPlace, type PublicInstallation } from "./installation.ts";
export { makeJoinToken } from "./join.ts";
export { encodeAgentsAccount, Minter } from "./minting.ts";
export { accountsConfig } from "./nats-accounts.ts";
