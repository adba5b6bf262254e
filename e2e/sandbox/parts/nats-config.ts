/** The configuration of the sandbox's nats-server: two accounts, so that no agent can make JetStream answer for it. */
import { agentPermissions, importedServices } from "@sightline/shared/wire";

export interface NatsConfigInput {
  readonly port: number;
  readonly monitorPort: number;
  readonly certFile: string;
  readonly keyFile: string;
  readonly storeDir: string;
  /** Public NKeys (U…). */
  readonly hubKey: string;
  readonly systemKey: string;
  readonly agentKeys: ReadonlyMap<string, string>;
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
    tls: { cert_file: input.certFile, key_file: input.keyFile, timeout: 5 },
    // An atomic batch holds two messages a cluster; the server's own limit is 1,000.
    jetstream: { store_dir: input.storeDir, limits: { batch: { max_msgs: 10_000 } } },
    max_payload: 1_048_576,
    system_account: "SYS",
    accounts: {
      SYS: { users: [{ nkey: input.systemKey }] },
      HUB: { jetstream: "enabled", users: [{ nkey: input.hubKey }], exports: hubExports() },
      AGENTS: { users: agentUsers(input.agentKeys), imports: agentImports() },
    },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

function hubExports(): object[] {
  return importedServices().map(({ subject, streamed }) => ({ service: subject, ...(streamed && { response_type: "stream" }) }));
}

function agentImports(): object[] {
  return importedServices().map(({ subject, local }) => ({
    service: { account: "HUB", subject },
    ...(local !== subject && { to: local }),
  }));
}

/** Neither a common inbox nor allow_responses: an agent reads its own inbox, and publishes what its list names. */
function agentUsers(keys: ReadonlyMap<string, string>): object[] {
  return [...keys].map(([cluster, nkey]) => {
    const { publish, subscribe } = agentPermissions(cluster);
    return { nkey, permissions: { publish: { allow: publish }, subscribe: { allow: subscribe } } };
  });
}
