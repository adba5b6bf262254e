import type { Clock } from "@sightline/shared";
import type { SigningKey } from "@sightline/shared/identity";
import { counter, METRICS } from "@sightline/shared/metrics";
import type { Logger } from "@sightline/shared/telemetry";
import type { Registry } from "prom-client";
import { HUB_VERSION } from "../version.ts";
import { ChainedAuditLog } from "./audit-log.ts";
import { FileSink } from "./file-sink.ts";
import type { AuditConfig } from "./flags.ts";
import { StreamSink } from "./stream-sink.ts";
import type { AuditOutcome } from "./types.ts";

export interface AuditSetup {
  config: AuditConfig;
  /** Of this replica: each has a log of its own. */
  identity: string;
  signing: SigningKey;
  registry: Registry;
  clock: Clock;
  logger: Logger;
}

const OUTCOMES: readonly AuditOutcome[] = ["Success", "Unauthorized", "Forbidden", "PolicyViolation"];

/** The one audit log of a hub, with its metrics. To be started before anything is decided. */
export function auditLogOf({ config, identity, signing, registry, clock, logger }: AuditSetup): ChainedAuditLog {
  const { path, maxBytes, maxFiles: keep } = config;
  const records = counter(registry, METRICS.auditRecords);
  for (const outcome of OUTCOMES) records.inc({ outcome }, 0);
  const failures = counter(registry, METRICS.auditFailures);
  return new ChainedAuditLog({
    sink: path === undefined ? new StreamSink(process.stdout) : new FileSink({ path, maxBytes, keep, clock }),
    hub: { identity, version: HUB_VERSION },
    signing,
    clock,
    logger,
    onRecord: (outcome) => records.inc({ outcome }),
    onFailure: () => failures.inc(),
  });
}
