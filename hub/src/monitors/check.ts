import { parseDuration } from "@sightline/shared";
import type { HTTPMonitorSpec } from "@sightline/shared/api";
import type { Check } from "@sightline/shared/wire";

/** What holds where a monitor is silent. Flags of the hub. Milliseconds. */
export interface CheckDefaults {
  intervalMs: number;
  /** Never above the interval that it is used with. */
  timeoutMs: number;
}

const MAX_REDIRECTS = 10;

/** The check that a monitor's spec asks for. The API server has validated the spec; a duration that is none falls to its default. */
export function checkOf(spec: HTTPMonitorSpec, defaults: CheckDefaults): Check {
  const intervalMs = parseDuration(spec.interval ?? "") ?? defaults.intervalMs;
  const timeoutMs = parseDuration(spec.timeout ?? "") ?? Math.min(defaults.timeoutMs, intervalMs);
  return {
    url: spec.url,
    method: spec.method ?? "GET",
    headers: spec.headers ?? {},
    ...(spec.body === undefined ? {} : { body: spec.body }),
    intervalMs: Math.round(intervalMs),
    timeoutMs: Math.max(1, Math.round(timeoutMs)),
    expectedStatuses: [String(spec.expectedStatus ?? 200)],
    redirects: { follow: true, max: MAX_REDIRECTS },
    connection: "Fresh",
  };
}
