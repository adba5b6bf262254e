import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import { flag } from "@sightline/shared/flags";

/** Where the hub's own alerts go. */
export interface AlertConfig {
  /** Base URLs; none: no alerts are sent. Of a cluster of Alertmanagers each one is named, as Prometheus does. */
  urls: string[];
  /** A bearer token, read again for each request. */
  tokenFile: string | undefined;
  /** PEM text of their certificate authority; undefined: the system's. */
  ca: string | undefined;
}

export interface AlertFlags {
  alertmanagerUrl: string[];
  alertmanagerTokenFile?: string;
  alertmanagerCa?: string;
}

export function addAlertFlags(command: Command): Command {
  return command
    .addOption(flag("--alertmanager-url <urls>", "base URLs of the Alertmanagers that are told of leaks, separated by commas; none by default").argParser(baseUrls).default([], "none"))
    .addOption(flag("--alertmanager-token-file <file>", "file with the bearer token for the Alertmanagers"))
    .addOption(flag("--alertmanager-ca <file>", "certificate authority of the Alertmanagers"));
}

/** @param fail ends the program with a sentence. */
export function readAlerts({ alertmanagerUrl: urls, alertmanagerTokenFile: tokenFile, alertmanagerCa: caFile }: AlertFlags, fail: (sentence: string) => never): AlertConfig {
  if (tokenFile !== undefined && urls.some((url) => url.startsWith("http:"))) fail("error: --alertmanager-token-file needs https:// URLs: the token would cross the network in clear");
  return { urls, tokenFile, ca: caFile === undefined ? undefined : read(caFile, fail) };
}

function read(file: string, fail: (sentence: string) => never): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    return fail(`error: --alertmanager-ca cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Absolute http(s) URLs, each with a slash at its end, so that paths can be put behind it. A repeated flag adds to them. */
function baseUrls(text: string, before: string[]): string[] {
  const urls = text.split(",").map((part) => part.trim()).filter((part) => part !== "").map((part) => {
    const url = URL.canParse(part) ? new URL(part) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.search !== "") throw new InvalidArgumentError("It must be URLs such as https://alertmanager.example.com:9093, without user, password and query.");
    return url.href.endsWith("/") ? url.href : `${url.href}/`;
  });
  return [...before, ...urls];
}
