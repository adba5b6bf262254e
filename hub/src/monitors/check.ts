import { parseDuration } from "@sightline/shared";
import type { HTTPMonitorSpec } from "@sightline/shared/api";
import type { Check } from "@sightline/shared/wire";

/** What holds where a monitor is silent. Flags of the hub. Milliseconds. */
export interface CheckDefaults {
  intervalMs: number;
  /** Never above the interval that it is used with. */
  timeoutMs: number;
}

/** What a hub has that is told nothing else. */
export const CHECK_DEFAULTS: CheckDefaults = { intervalMs: 30_000, timeoutMs: 5000 };

const MAX_REDIRECTS = 10;
const EXPECTED_STATUS = 200;

/** The check that a monitor's spec asks for. The API server has validated the spec; a duration that is none falls to its default. */
export function checkOf(spec: HTTPMonitorSpec, defaults: CheckDefaults): Check {
  const { url, method = "GET", headers = {}, body, expectedStatus = EXPECTED_STATUS, expectedStatuses = [expectedStatus], redirects, connection = "Fresh" } = spec;
  return {
    url,
    method,
    headers,
    ...secretNamesOf(spec),
    ...(body === undefined ? {} : { body }),
    ...timesOf(spec, defaults),
    expectedStatuses: expectedStatuses.map(String),
    redirects: { follow: true, max: MAX_REDIRECTS, ...redirects },
    connection,
  };
}

/** In order, so that one set of names is one check. */
function secretNamesOf({ headersFrom = [] }: HTTPMonitorSpec): Pick<Check, "secretHeaders"> {
  return headersFrom.length === 0 ? {} : { secretHeaders: headersFrom.map(({ name }) => name).toSorted() };
}

function timesOf(spec: HTTPMonitorSpec, defaults: CheckDefaults): Pick<Check, "intervalMs" | "timeoutMs"> {
  const intervalMs = parseDuration(spec.interval ?? "") ?? defaults.intervalMs;
  const timeoutMs = parseDuration(spec.timeout ?? "") ?? Math.min(defaults.timeoutMs, intervalMs);
  return { intervalMs: Math.round(intervalMs), timeoutMs: Math.max(1, Math.round(timeoutMs)) };
}
