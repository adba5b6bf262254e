import { PROBE_REQUEST_ANNOTATION } from "@sightline/shared/api";

const RFC_3339 = /^(\d{4})-(\d{2})-(\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i;

/** What a monitor's annotation asks for. */
export type ProbeRequest =
  | { kind: "none" }
  /** Milliseconds since the Unix epoch: the request's name, whenever it is seen. */
  | { kind: "at"; atMs: number }
  /** A sentence that says what is wrong and what would be right. */
  | { kind: "invalid"; problem: string };

/** Reads the annotation by which a user asks for a probe now. */
export function probeRequestOf(annotations: Readonly<Record<string, string>> | undefined): ProbeRequest {
  const text = annotations?.[PROBE_REQUEST_ANNOTATION];
  if (text === undefined) return { kind: "none" };
  const atMs = instantOf(text.trim());
  if (atMs !== undefined) return { kind: "at", atMs };
  return { kind: "invalid", problem: `annotation ${PROBE_REQUEST_ANNOTATION} is ignored: ${JSON.stringify(text.slice(0, 64))} is not an RFC 3339 time such as 2026-01-02T03:04:05Z` };
}

function instantOf(text: string): number | undefined {
  const [, year, month, day] = RFC_3339.exec(text) ?? [];
  // JavaScript takes the 30th of February for the 2nd of March.
  if (Number(day) > daysIn(Number(year), Number(month))) return undefined;
  const ms = Date.parse(text.toUpperCase());
  return Number.isNaN(ms) || day === undefined ? undefined : ms;
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
