import { formatDuration } from "../duration.ts";
import type { Check } from "../wire/check.ts";
import type { ProbeResult } from "../wire/result.ts";
import type { SpanAttributes } from "./span.ts";

/** Which monitor a result is of. */
export function monitorAttributes({ namespace, name }: Pick<ProbeResult, "namespace" | "name">): SpanAttributes {
  return { "resource.namespace": namespace, "resource.name": name };
}

/**
 * What a span tells of a check and its result. Nothing of a header, a body or a URL's query is in it.
 * @param check undefined when it is not known.
 */
export function checkAttributes(check: Pick<Check, "url" | "expectedStatuses"> | undefined, result: Pick<ProbeResult, "namespace" | "name" | "statusCode" | "durationMs">): SpanAttributes {
  const { statusCode, durationMs } = result;
  return {
    ...monitorAttributes(result),
    ...(check === undefined ? {} : { "http.url": withoutQuery(check.url), "http.expected_status": check.expectedStatuses.join(",") }),
    ...(statusCode === 0 ? {} : { "http.response_status": statusCode }),
    "http.response_time": formatDuration(durationMs),
  };
}

/** Scheme, host, port and path: neither query, fragment nor user info. "" for what is no URL. */
export function withoutQuery(text: string): string {
  const url = URL.parse(text);
  return url === null ? "" : `${url.origin}${url.pathname}`;
}
