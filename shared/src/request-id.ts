import { randomUUID } from "node:crypto";

/** What may stand in a log line and a header without harm, and is no longer than anybody's trace or request id. */
const SANE = /^[A-Za-z0-9._:-]{1,128}$/;

/** The id that the caller gave in `X-Request-Id`, when it is fit to be one; else a new one. */
export function requestIdOf(given: string | string[] | undefined): string {
  return typeof given === "string" && SANE.test(given) ? given : randomUUID();
}
