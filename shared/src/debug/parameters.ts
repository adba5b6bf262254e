import { LOG_LEVELS, type LogLevel } from "../telemetry/log.ts";
import { DebugError } from "./errors.ts";

const MAX_SECONDS = 60;

/** Whole seconds, 1 to 60. @throws DebugError INVALID_ARGUMENT */
export function secondsIn(query: URLSearchParams, byDefault: number): number {
  const text = query.get("seconds") ?? String(byDefault);
  const seconds = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= MAX_SECONDS) return seconds;
  throw new DebugError("INVALID_ARGUMENT", `seconds must be a whole number from 1 to ${MAX_SECONDS}`);
}

/** The level in `{"level":"debug"}`. @throws DebugError INVALID_ARGUMENT */
export function levelIn(body: unknown): LogLevel {
  const wanted: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "level") : undefined;
  const level = LOG_LEVELS.find((one) => one === wanted);
  if (level !== undefined) return level;
  throw new DebugError("INVALID_ARGUMENT", `the body must be {"level": "…"} with one of ${LOG_LEVELS.join(", ")}`);
}

/**
 * From the `//` of a URL to its last `@`, or to that before the next URL of a list. A password may hold anything; that a
 * path with an `@` is hidden too does no harm.
 */
const CREDENTIALS = /\/\/(?:(?!,[a-z][a-z0-9+.-]*:\/\/).)*@/gis;

/** The command line as Go's pprof gives it, arguments parted by NUL. Who holds a URL with user and password does not show it here. */
export function commandLine(argv: readonly string[]): string {
  return argv.map((argument) => argument.replaceAll(CREDENTIALS, "//***@")).join("\0");
}
