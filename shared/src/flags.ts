/** The flags of every command of ours: how one is declared, and how its text is read. Parsers throw a sentence that commander prints. */
import { InvalidArgumentError, Option } from "commander";
import { parseDuration } from "./duration.ts";

/** A flag that can also be given as an environment variable, named after it: `--nats-url` is `SIGHTLINE_NATS_URL`. */
export function flag(flags: string, description: string): Option {
  const option = new Option(flags, description);
  return option.env(`SIGHTLINE_${option.name().toUpperCase().replaceAll("-", "_")}`);
}

/** A whole number from `lowest`. */
export function whole(lowest = 1): (text: string) => number {
  return (text) => {
    if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text)) && Number(text) >= lowest) return Number(text);
    throw new InvalidArgumentError(`It must be a whole number from ${lowest}.`);
  };
}

/** A share, 0 to 1. */
export function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError("It must be a number from 0 to 1.");
}

/** A duration above 0, in milliseconds. */
export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new InvalidArgumentError("It must be a duration above 0, such as 30s or 1m30s.");
}

/** Texts parted by commas; a repeated flag adds to them. */
export function list(text: string, before: string[] | undefined): string[] {
  const parts = text.split(",").map((part) => part.trim());
  return [...(before ?? []), ...parts.filter((part) => part !== "")];
}

/** Addresses of NATS servers. Other schemes than tls, and none, read as if they could be spoken to in clear. */
export function natsServers(text: string, before: string[] | undefined): string[] {
  const servers = list(text, before);
  const odd = servers.find((server) => !/^tls:\/\/(\[[0-9a-f:.]+\]|[^\s:/@?#[\]]+):\d{1,5}$/i.test(server));
  if (odd === undefined && servers.length > 0) return servers;
  throw new InvalidArgumentError(`It must be tls://host:port, such as tls://nats.example.com:4222; several by commas.${odd === undefined ? "" : ` Not so: ${withoutUserInfo(odd)}.`}`);
}

/** For a sentence: what somebody wrote may hold a password. */
function withoutUserInfo(server: string): string {
  return server.replace(/^(\w+:\/\/)?.*@/, "$1***@");
}

/** An absolute http or https URL; undefined for any other text. */
export function httpUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) ? url : undefined;
}

export interface HostPort {
  host: string;
  port: number;
}

/** `host:port`, with brackets around an IPv6 host; without a host every address of the machine. */
export function hostPort(text: string): HostPort {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535) throw new InvalidArgumentError("It must be host:port, such as 0.0.0.0:8080.");
  return { host: bracketed ?? (plain === undefined || plain === "" ? "0.0.0.0" : plain), port: Number(port) };
}
