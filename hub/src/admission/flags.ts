import { readFile } from "node:fs/promises";
import { type Command, InvalidArgumentError } from "commander";
import { isLoopback } from "@sightline/shared/debug";
import { flag, type HostPort, hostPort, httpUrl, list } from "@sightline/shared/flags";
import type { WebhookAddress } from "./configuration.ts";

/** How changes of our objects are reviewed before they are stored. */
export interface WebhookConfig {
  listen: HostPort;
  address: WebhookAddress;
  /** File with the authorities of the API server's client certificate. */
  clientCaFile: string | undefined;
  clientNames: string[];
}

export interface WebhookFlags {
  webhookListen?: HostPort;
  webhookUrl?: string;
  webhookService?: { namespace: string; name: string; port: number };
  webhookClientCa?: string;
  webhookClientNames?: string[];
  webhookAllowAnyClient: boolean;
}

export function addWebhookFlags(command: Command): Command {
  return command
    .addOption(flag("--webhook-listen <host:port>", "where the API server's admission reviews are served, by TLS; without it nothing is reviewed").argParser(hostPort))
    .addOption(flag("--webhook-url <url>", "https://host:port by which the API server reaches the hubs").argParser(baseUrl))
    .addOption(flag("--webhook-service <namespace/name>", "Service by which it reaches them, with :port unless that is 443").argParser(service))
    .addOption(flag("--webhook-client-ca <file>", "certificate authority of the API server's client certificate, which is then needed"))
    .addOption(flag("--webhook-client-names <names>", "common names that it may have, separated by commas; any without it").argParser(list))
    .addOption(flag("--webhook-allow-any-client", "asks for no client certificate: whoever reaches the port gets records signed in anybody's name, so something else must keep all but the API server away").default(false));
}

/** @param fail ends the program with a sentence. @returns undefined where nothing is to be reviewed. */
export function readWebhook(flags: WebhookFlags, fail: (sentence: string) => never): WebhookConfig | undefined {
  const { webhookListen: listen, webhookClientCa: clientCaFile, webhookClientNames: clientNames = [] } = flags;
  const addresses = addressesIn(flags);
  if (clientNames.length > 0 && clientCaFile === undefined) fail("error: --webhook-client-names goes with --webhook-client-ca");
  const isNamed = addresses.length > 0 || isClientNamed(flags);
  if (listen === undefined) return isNamed ? fail("error: --webhook-url, --webhook-service, --webhook-client-ca and --webhook-allow-any-client go with --webhook-listen") : undefined;
  const openness = opennessOf(flags, listen);
  if (openness !== undefined) fail(`error: ${openness}`);
  const [address] = addresses;
  if (address === undefined || addresses.length > 1) return fail("error: --webhook-listen needs either --webhook-url or --webhook-service: by one of them the API server reaches the hubs");
  return { listen, address, clientCaFile, clientNames };
}

function isClientNamed({ webhookClientCa, webhookAllowAnyClient }: WebhookFlags): boolean {
  return webhookClientCa !== undefined || webhookAllowAnyClient;
}

/** What is wrong with who may ask for reviews, or undefined. A signed record is worth what the API server's word is worth: nobody else may pass for it. */
function opennessOf(flags: WebhookFlags, listen: HostPort): string | undefined {
  if (flags.webhookClientCa !== undefined && flags.webhookAllowAnyClient) return "give either --webhook-client-ca or --webhook-allow-any-client";
  if (isClientNamed(flags) || isLoopback(listen)) return undefined;
  return "--webhook-client-ca is needed where --webhook-listen can be reached from elsewhere: whoever asks without it gets records in anybody's name; --webhook-allow-any-client lets them, for where a NetworkPolicy keeps all but the API server away";
}

function addressesIn({ webhookUrl: url, webhookService: service }: WebhookFlags): WebhookAddress[] {
  return [...(url === undefined ? [] : [{ url }]), ...(service === undefined ? [] : [{ service }])];
}

/** The text of the client CA's file, or undefined when none is asked for. */
export async function readClientCa({ clientCaFile }: WebhookConfig): Promise<string | undefined> {
  return clientCaFile === undefined ? undefined : await readFile(clientCaFile, "utf8");
}

/** The API server takes https URLs only. */
function baseUrl(text: string): string {
  const url = httpUrl(text);
  if (url?.protocol === "https:" && url.pathname === "/" && url.search === "" && url.hash === "" && url.username === "") return url.origin;
  throw new InvalidArgumentError("It must be https://host:port, without a path.");
}

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const HTTPS_PORT = 443;

function service(text: string): { namespace: string; name: string; port: number } {
  const [, namespace = "", name = "", port = String(HTTPS_PORT)] = /^([^/]+)\/([^/:]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (LABEL.test(namespace) && LABEL.test(name) && Number(port) > 0 && Number(port) <= 65_535) return { namespace, name, port: Number(port) };
  throw new InvalidArgumentError("It must be NAMESPACE/NAME or NAMESPACE/NAME:PORT, such as sightline-system/sightline-hub.");
}
