/** The configuration of the sandbox's nats-server: accounts by operator JWT, as a real installation has them. */
import { accountsConfig, type PublicInstallation } from "@sightline/hub/identity";

export interface NatsConfigInput {
  readonly port: number;
  readonly monitorPort: number;
  readonly certFile: string;
  readonly keyFile: string;
  readonly storeDir: string;
  /** Where the server keeps the accounts that the hub pushes. */
  readonly accountsDir: string;
  readonly installation: PublicInstallation;
}

/**
 * The text of the configuration file. JSON is a part of nats-server's configuration language, and a quoted `$` is
 * a letter in it, not a variable.
 */
export function renderNatsConfig(input: NatsConfigInput): string {
  const config = {
    server_name: "sightline-sandbox",
    listen: `127.0.0.1:${input.port}`,
    http: `127.0.0.1:${input.monitorPort}`,
    tls: { cert_file: input.certFile, key_file: input.keyFile, timeout: 5, min_version: "1.2" },
    // An atomic batch holds two messages a cluster; the server's own limit is 1,000.
    jetstream: { store_dir: input.storeDir, limits: { batch: { max_msgs: 10_000 } } },
    max_payload: 1_048_576,
    ...accountsConfig(input.installation, input.accountsDir),
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
