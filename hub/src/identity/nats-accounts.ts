import type { PublicInstallation } from "./installation.ts";

/** The part of a NATS server's configuration that makes it believe this installation. */
export interface AccountsConfig {
  operator: string;
  system_account: string;
  resolver: { type: "full"; dir: string; allow_delete: boolean; interval: string };
  resolver_preload: Record<string, string>;
}

/**
 * By JWT resolver of type full: each server keeps the accounts on its own disk, and servers ask each other every 15 s for
 * what they missed. What the hub pushed there wins over the preload, as the newer one.
 * @param dir where the server keeps them
 */
export function accountsConfig({ operator, accounts }: PublicInstallation, dir: string): AccountsConfig {
  return {
    operator,
    system_account: accounts.SYS.publicKey,
    resolver: { type: "full", dir, allow_delete: true, interval: "15s" },
    resolver_preload: Object.fromEntries(Object.values(accounts).map(({ publicKey, jwt }) => [publicKey, jwt])),
  };
}
