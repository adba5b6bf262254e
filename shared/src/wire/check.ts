import { contentHash } from "../canonical-json.ts";

/** What to probe and how: exactly the fields that change the probe. Times in milliseconds. */
export interface Check {
  url: string;
  method: string;
  headers: Record<string, string>;
  /**
   * Names of the headers whose values come sealed, beside the check. A check with others is another check; a value that
   * was rotated is not: what is known of the target stays known.
   */
  secretHeaders?: string[];
  body?: string;
  intervalMs: number;
  timeoutMs: number;
  /** Codes (`200`), classes (`2xx`) and ranges (`200-204`); a response that matches one of them is a success. */
  expectedStatuses: string[];
  redirects: { follow: boolean; max: number };
  /** Fresh opens a new connection for each probe, so that DNS, connect and TLS are probed too. */
  connection: "Fresh" | "Reuse";
}

/** Identity of a check on the wire: a result belongs to the check whose hash it carries, whatever the monitor's generation. */
export function checkHash(check: Check): string {
  return contentHash(check);
}

const STATUS_PATTERN = "^([1-5][0-9]{2}|[1-5]xx|[1-5][0-9]{2}-[1-5][0-9]{2})$";

/** JSON schema of a Check. */
export const checkSchema = {
  type: "object",
  required: ["url", "method", "headers", "intervalMs", "timeoutMs", "expectedStatuses", "redirects", "connection"],
  properties: {
    url: { type: "string", pattern: "^https?://", maxLength: 2048 },
    method: { type: "string", pattern: "^[A-Z]+$" },
    headers: { type: "object", additionalProperties: { type: "string" } },
    secretHeaders: { type: "array", maxItems: 16, items: { type: "string", minLength: 1, maxLength: 256 } },
    body: { type: "string" },
    intervalMs: { type: "integer", minimum: 1000, maximum: 86_400_000 },
    timeoutMs: { type: "integer", minimum: 1, maximum: 86_400_000 },
    expectedStatuses: { type: "array", minItems: 1, items: { type: "string", pattern: STATUS_PATTERN } },
    redirects: {
      type: "object",
      required: ["follow", "max"],
      properties: { follow: { type: "boolean" }, max: { type: "integer", minimum: 0, maximum: 100 } },
    },
    connection: { enum: ["Fresh", "Reuse"] },
  },
} as const;

/** Whether a status code is among the expected ones. */
export function statusMatches(code: number, expected: readonly string[]): boolean {
  return expected.some((pattern) => {
    if (pattern.endsWith("xx")) return Math.floor(code / 100) === Number(pattern[0]);
    const [low, high = low] = pattern.split("-").map(Number);
    return low !== undefined && high !== undefined && code >= low && code <= high;
  });
}

/** The contract's sentence: `unexpected status code: got 500, expected 200`; with a list `…, expected 2xx or 301`. */
export function unexpectedStatusMessage(code: number, expected: readonly string[]): string {
  return `unexpected status code: got ${code}, expected ${expected.join(" or ")}`;
}
