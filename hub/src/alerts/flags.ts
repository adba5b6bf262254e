import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import { flag, httpUrl, list } from "@sightline/shared/flags";

/** Where the hub's own alerts go. */
export interface AlertConfig {
  /** Base URLs; none: no alerts are sent. Of a cluster of Alertmanagers each one is named, as Prometheus does. */
  urls: string[];
  /** A bearer token, read again for each request. */
  tokenFile: string | undefined;
  /** Where this version's docs are published, with a slash at its end; undefined: alerts link to nothing. */
  runbookUrl: string | undefined;
  /** PEM text of their certificate authority; undefined: the system's. */
  ca: string | undefined;
}

export interface AlertFlags {
  alertmanagerUrl: string[];
  alertmanagerTokenFile?: string;
  alertmanagerCa?: string;
  runbookUrl?: string;
}

export function addAlertFlags(command: Command): Command {
  return command
    .addOption(flag("--alertmanager-url <urls>", "base URLs of the Alertmanagers that are told of leaks, separated by commas; none by default").argParser(baseUrls).default([], "none"))
    .addOption(flag("--alertmanager-token-file <file>", "file with the bearer token for the Alertmanagers"))
    .addOption(flag("--alertmanager-ca <file>", "certificate authority of the Alertmanagers"))
    .addOption(flag("--runbook-url <base>", "where docs/ of this version is published, for links in those alerts; without it they have none").argParser(docsUrl));
}

/** @param fail ends the program with a sentence. */
export function readAlerts({ alertmanagerUrl: urls, alertmanagerTokenFile: tokenFile, alertmanagerCa: caFile, runbookUrl }: AlertFlags, fail: (sentence: string) => never): AlertConfig {
  if (tokenFile !== undefined && urls.some((url) => url.startsWith("http:"))) fail("error: --alertmanager-token-file needs https:// URLs: the token would cross the network in clear");
  return { urls, tokenFile, runbookUrl, ca: caFile === undefined ? undefined : read(caFile, fail) };
}

function read(file: string, fail: (sentence: string) => never): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    return fail(`error: --alertmanager-ca cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const REFUSED = "without user, password and query.";

/** Several of them, separated by commas. A repeated flag adds to them. */
function baseUrls(text: string, before: string[]): string[] {
  const urls = list(text, undefined).map((part) => baseUrl(part) ?? refuse(`It must be URLs such as https://alertmanager.example.com:9093, ${REFUSED}`));
  return [...before, ...urls];
}

function docsUrl(text: string): string {
  return baseUrl(text) ?? refuse(`It must be a URL such as https://example.com/sightline/docs, ${REFUSED}`);
}

/** An absolute http(s) URL with a slash at its end, so that paths can be put behind it; undefined when it is none. */
function baseUrl(text: string): string | undefined {
  const url = httpUrl(text);
  if (url === undefined || `${url.username}${url.password}${url.search}${url.hash}` !== "") return undefined;
  return url.href.endsWith("/") ? url.href : `${url.href}/`;
}

function refuse(sentence: string): never {
  throw new InvalidArgumentError(sentence);
}
