import type { Clock } from "@sightline/shared";
import type { Logger } from "@sightline/shared/telemetry";
import { counter, METRICS } from "@sightline/shared/metrics";
import type { Registry } from "prom-client";
import type { AssignmentWriter } from "../assignments/types.ts";
import type { Kubernetes } from "../kubernetes.ts";
import { SecretBook } from "./book.ts";
import { readSecret } from "./kube-secrets.ts";
import { MonitorSecrets } from "./monitor-secrets.ts";
import { type SecretKeys, SecretSealer } from "./sealer.ts";
import type { Reading, SecretObject } from "./sources.ts";
import { Vault } from "./vault.ts";
import type { SecretsConfig } from "./vault-config.ts";

export interface SecretsOptions {
  config: SecretsConfig;
  keys: SecretKeys;
  clock: Clock;
  random: () => number;
  logger: Logger;
  kubernetes: Pick<Kubernetes, "client" | "registrations">;
  assignments: Pick<AssignmentWriter, "sealedHeaders">;
  registry: Registry;
  /** The secrets of these monitors are others than before. */
  onChange: (uids: ReadonlySet<string>) => void;
}

export interface Secrets {
  monitors: MonitorSecrets;
  stop(): void;
}

/** All that secrets need, for one term of leading: values are in the memory of the active replica only. */
export function makeSecrets(options: SecretsOptions): Secrets {
  const { config, kubernetes, registry } = options;
  const vault = config.vault === undefined ? undefined : new Vault(config.vault, options);
  const reads = counter(registry, METRICS.secretReads);
  for (const source of ["vault", "secret"]) for (const result of ["found", "absent", "unreachable"]) reads.inc({ source, result }, 0);
  const readOne = async (object: SecretObject): Promise<Reading> => {
    if (object.kind === "secret") return await readSecret(kubernetes.client, object);
    return (await vault?.read(object)) ?? { kind: "absent", reason: "is not known: this hub has no Vault" };
  };
  const read = async (object: SecretObject): Promise<Reading> => {
    const reading = await readOne(object);
    reads.inc({ source: object.kind, result: reading.kind });
    return reading;
  };
  const book = new SecretBook({ ...options, read, refreshMs: config.refreshMs });
  return { monitors: new MonitorSecrets({ ...options, ...kubernetes, book, sealer: new SecretSealer(options.keys) }), stop: () => book.stop() };
}
