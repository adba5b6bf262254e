import { parseDuration } from "@sightline/shared";
import type { ClusterRegistration } from "@sightline/shared/api";
import type { ClusterSettings, EgressSettings } from "@sightline/shared/wire";

/** Milliseconds. */
export interface HeartbeatNumbers {
  intervalMs: number;
  graceMs: number;
}

/** What the schema defaults to, for objects that were made before it did. */
const DEFAULT_INTERVAL_MS = 10_000;
const DEFAULT_GRACE_MS = 30_000;

/** How often the cluster's agent is to report, and how long its silence is borne on top of that. */
export function heartbeatNumbers({ spec }: ClusterRegistration): HeartbeatNumbers {
  return {
    intervalMs: parseDuration(spec.heartbeat?.interval ?? "") ?? DEFAULT_INTERVAL_MS,
    graceMs: parseDuration(spec.heartbeat?.grace ?? "") ?? DEFAULT_GRACE_MS,
  };
}

/** What the cluster's head tells the agent about its cluster. */
export function settingsOf(registration: ClusterRegistration): ClusterSettings {
  const egress = egressOf(registration);
  return {
    region: registration.spec.region ?? "",
    heartbeatIntervalMs: Math.round(heartbeatNumbers(registration).intervalMs),
    ...(egress === undefined ? {} : { egress }),
  };
}

function egressOf({ spec }: ClusterRegistration): EgressSettings | undefined {
  const { allow = [], deny = [] } = spec.egress ?? {};
  return allow.length + deny.length === 0 ? undefined : { allow, deny };
}
