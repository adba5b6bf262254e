import { isIP } from "node:net";
import { formatDuration } from "@sightline/shared";
import type { FailurePlace, Stage } from "./classify.ts";

/** Where one hop of a probe goes. */
export interface Endpoint {
  secure: boolean;
  /** Host name or address, an IPv6 one without its brackets. */
  host: string;
  port: number;
  /** What TLS asks for and checks; "" when the host is an address and no Host header names one. */
  serverName: string;
}

/** The endpoint of a URL. A `Host` header of the monitor also decides the name that TLS asks for. */
export function endpointOf(url: URL, hostHeader: string | undefined): Endpoint {
  const secure = url.protocol === "https:";
  const host = unbracketed(url.hostname);
  const asked = hostHeader === undefined ? host : nameIn(hostHeader);
  return { secure, host, port: url.port === "" ? (secure ? 443 : 80) : Number(url.port), serverName: isIP(asked) === 0 ? asked : "" };
}

/** `host:port`, as sentences name an endpoint. */
export function addressOf({ host, port }: Endpoint): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

export function placeOf(endpoint: Endpoint, stage: Stage, timeoutMs: number): FailurePlace {
  return { stage, host: endpoint.host, address: addressOf(endpoint), timeout: formatDuration(timeoutMs) };
}

/** An IPv6 address without the brackets that it has in a URL. */
export function unbracketed(hostname: string): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
}

/** The name of a Host header, without its port. */
function nameIn(hostHeader: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(hostHeader.trim()) ?? [];
  return bracketed ?? plain ?? "";
}
