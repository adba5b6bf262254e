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

/** The status says whole seconds: the heartbeat came before the next one began. Milliseconds. */
const SECOND_MS = 1000;

/** Until when a hub has heard the cluster's agent, on that agent's clock, in milliseconds; 0 when none did. By its status, which may be a minute behind. */
export function heardUpTo({ status }: ClusterRegistration): number {
  const heardAt = Date.parse(status?.lastHeartbeatTime ?? "");
  const skew = status?.clockSkew ?? "";
  const offsetMs = skew.startsWith("-") ? -(parseDuration(skew.slice(1)) ?? 0) : (parseDuration(skew) ?? 0);
  return Number.isNaN(heardAt) ? 0 : heardAt + SECOND_MS + offsetMs;
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
