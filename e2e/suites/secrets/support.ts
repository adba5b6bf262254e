import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HTTPMonitorSpec } from "@sightline/shared/api";
import type { NatsConnection } from "@sightline/shared/nats";
import { VaultServer } from "../../../hub/src/testing/vault-server.ts";
import { connectAsHub } from "../../kit/hub-nats.ts";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { type Behaviour, startTarget, type Target } from "../../kit/target.ts";
import { startCollector } from "../../sandbox/mod.ts";
import { type Place, placesOf } from "./places.ts";

/** A stage whose hub reads a Vault, and that keeps whatever anybody might say: traces, an audit log, every log line. */
export interface SecretStage extends Stage {
  vault: VaultServer;
  connection: NatsConnection;
  /** A second origin. */
  elsewhere: Target;
  places: Record<string, Place>;
  /** Makes or changes a Secret of the namespace `default`. */
  putSecret(name: string, data: Record<string, string>): Promise<void>;
}

/** The token that the hub reads Vault with. */
export const VAULT_TOKEN = "hvs.kanarienvogel-token-0001";

export async function openSecretStage(clusters: string): Promise<SecretStage> {
  // Ends what has been started, last first, also when a later part does not start.
  await using parts = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), "sightline-secrets-"));
  parts.defer(() => rm(dir, { recursive: true, force: true }));
  const audit = join(dir, "audit.log");
  const tokenFile = join(dir, "vault-token");
  await writeFile(tokenFile, VAULT_TOKEN);
  const vault = parts.use(await VaultServer.start());
  vault.tokens.add(VAULT_TOKEN);
  const elsewhere = parts.use(await startTarget());
  const collector = await startCollector({ dir: join(dir, "collector") });
  parts.defer(() => collector.stop());
  const common = ["--log-level", "debug", "--trace-ratio", "1", "--otlp-endpoint", collector.http];
  const flags = { hub: [...common, "--vault-addr", vault.url, "--vault-token-file", tokenFile, "--secrets-refresh", "500ms", "--audit-log", audit], agent: common };
  const stage = parts.use(await openStage(clusters, { flags }));
  const connection = await connectAsHub(stage.sandbox);
  parts.defer(() => connection.close());
  const kept = parts.move();
  return {
    ...stage,
    vault,
    connection,
    elsewhere,
    places: placesOf(stage, { connection, traces: collector.traces, audit }),
    putSecret: (name, data) => stage.api.apply({ apiVersion: "v1", kind: "Secret", metadata: { name, namespace: "default" }, stringData: data }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** A header of Vault's `sightline/default/<path>`, key `value`. */
export function fromVault(name: string, path: string): HTTPMonitorSpec["headersFrom"] {
  return [{ name, vault: { path, key: "value" } }];
}

/** A header of a Secret, key `value`. */
export function fromSecret(name: string, secret: string): HTTPMonitorSpec["headersFrom"] {
  return [{ name, secretKeyRef: { name: secret, key: "value" } }];
}

/** Answers 200 to whoever sends a header with this value, and 401 to all others. */
export function asksFor(header: string, value: () => string): Behaviour {
  return (request, response) => void response.writeHead(request.headers[header.toLowerCase()] === value() ? 200 : 401).end();
}

/** Answers with what stands in a header of the request, and with nothing that would be HTTP. */
export function parrots(header: string): Behaviour {
  return ({ headers }, response) => void response.socket?.end(String(headers[header]));
}

/** Sends the client to a host that is named after a header of the request. */
export function echoes(header: string): Behaviour {
  return ({ headers }, response) => void response.writeHead(302, { location: `http://${String(headers[header]).replace("Bearer ", "")}.invalid/` }).end();
}
