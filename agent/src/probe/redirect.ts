import type { Check } from "@sightline/shared/wire";
import { ProbeError } from "./errors.ts";
import { redirectedHeaders } from "./headers.ts";

/** One request of a probe. */
export interface Hop {
  url: URL;
  method: string;
  /** The monitor's headers that apply to this hop. */
  headers: Record<string, string>;
  body: string | undefined;
  /** Lower-case names of those headers that hold secrets: they never leave the first origin. */
  secret: ReadonlySet<string>;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** These keep the method and the body (RFC 9110, 15.4.8 and 15.4.9). */
const KEEPING = new Set([307, 308]);

/** The first request of a check, with its secret headers. @throws ProbeError INVALID_REQUEST */
export function firstHop(check: Check, secretHeaders: Readonly<Record<string, string>>): Hop {
  const url = URL.parse(check.url);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) throw new ProbeError("INVALID_REQUEST", { reason: "its URL is not an http or https URL" });
  const secret = new Set(Object.keys(secretHeaders).map((name) => name.toLowerCase()));
  return { url, method: check.method, headers: { ...check.headers, ...secretHeaders }, body: check.body, secret };
}

/** Whether a response asks for another request. */
export function isRedirect({ statusCode, location }: { statusCode: number; location: string | undefined }): boolean {
  return REDIRECTS.has(statusCode) && location !== undefined;
}

/** The request that a response asks for, or undefined when it is the last one of the probe. @throws ProbeError INVALID_REDIRECT */
export function nextHop(hop: Hop, response: { statusCode: number; location: string | undefined }): Hop | undefined {
  if (!isRedirect(response)) return undefined;
  const url = URL.parse(response.location ?? "", hop.url);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) throw new ProbeError("INVALID_REDIRECT");
  const bodyKept = KEEPING.has(response.statusCode) || hop.method === "HEAD";
  const headers = redirectedHeaders(hop.headers, { sameOrigin: url.origin === hop.url.origin, bodyKept, secret: hop.secret });
  return bodyKept ? { ...hop, url, headers } : { ...hop, url, method: "GET", headers, body: undefined };
}
