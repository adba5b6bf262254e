/** What the probe adds to the monitor's headers, and what nobody can set. */
export interface OwnHeaders {
  userAgent: string;
  cluster: string;
  region: string;
  traceparent: string;
}

/** Framing and hop-by-hop headers (RFC 9110, 7.6.1; RFC 9112, 6): they are the connection's, not the monitor's. */
const DROPPED = new Set([
  "connection",
  "content-length",
  "expect",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Ours alone: a monitor's value for them is never sent. */
const OWN = new Set(["x-cluster-id", "x-cluster-region", "traceparent", "tracestate"]);

/** What must not follow a redirect to another origin. */
const ORIGIN_BOUND = new Set(["authorization", "cookie", "host"]);

/** What described the body that a redirect by GET no longer sends (Fetch standard, "request-body-header name"). */
const BODY_BOUND = new Set(["content-encoding", "content-language", "content-location", "content-type"]);

/** The headers of a request: the monitor's, then ours. Names keep the monitor's spelling. */
export function requestHeaders(monitor: Readonly<Record<string, string>>, url: URL, own: OwnHeaders): Record<string, string> {
  const sent = without(monitor, (name) => DROPPED.has(name) || OWN.has(name));
  if (headerOf(sent, "user-agent") === undefined) sent["User-Agent"] = own.userAgent;
  if (headerOf(sent, "host") === undefined) sent["Host"] = url.host;
  sent["X-Cluster-ID"] = own.cluster;
  sent["X-Cluster-Region"] = own.region;
  sent["traceparent"] = own.traceparent;
  return sent;
}

/** The monitor's headers that still hold after a redirect. `secret` are lower-case names of headers that are for the first origin alone, as credentials are. */
export function redirectedHeaders(monitor: Readonly<Record<string, string>>, change: { sameOrigin: boolean; bodyKept: boolean; secret: ReadonlySet<string> }): Record<string, string> {
  const originBound = (name: string): boolean => ORIGIN_BOUND.has(name) || change.secret.has(name);
  return without(monitor, (name) => (!change.sameOrigin && originBound(name)) || (!change.bodyKept && BODY_BOUND.has(name)));
}

/** The value of a header, whatever the spelling of its name. */
export function headerOf(headers: Readonly<Record<string, string>>, lowerCaseName: string): string | undefined {
  for (const [name, value] of Object.entries(headers)) if (name.toLowerCase() === lowerCaseName) return value;
  return undefined;
}

function without(headers: Readonly<Record<string, string>>, drop: (lowerCaseName: string) => boolean): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !drop(name.toLowerCase())));
}
