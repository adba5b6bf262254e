import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { duration, flag, httpUrl } from "@sightline/shared/flags";

/** Where secrets come from, and how often they are looked at. */
export interface SecretsConfig {
  /** How often every secret in use is read again. Milliseconds. */
  refreshMs: number;
  /** Undefined: monitors have Secrets only. */
  vault: VaultConfig | undefined;
}

export interface VaultConfig {
  /** Base URL. */
  address: string;
  /** Of Vault Enterprise. */
  namespace: string | undefined;
  /** PEM text of its certificate authority; undefined: the system's. */
  ca: string | undefined;
  auth: VaultAuth;
  /** What stands before a monitor's path; see `vaultPath`. */
  prefix: string;
}

export type VaultAuth =
  /** Somebody else keeps the token in the file valid. */
  | { kind: "token"; file: string }
  /** The hub logs in by its ServiceAccount's token. */
  | { kind: "kubernetes"; mount: string; role: string; tokenFile: string };

export interface SecretsFlags {
  secretsRefresh: number;
  vaultAddr?: string;
  vaultNamespace?: string;
  vaultCa?: string;
  vaultTokenFile?: string;
  vaultAuthRole?: string;
  vaultAuthPath: string;
  vaultAuthTokenFile: string;
  vaultPathPrefix: string;
}

const SERVICE_ACCOUNT_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token";
const NAMESPACE = "{{namespace}}";
const DEFAULT_PREFIX = `secret/data/sightline/${NAMESPACE}/`;

export function addSecretsFlags(command: Command): Command {
  return command
    .addOption(flag("--secrets-refresh <duration>", "how often the secrets that monitors use are read again").argParser(duration).default(60_000, "1m"))
    .addOption(flag("--vault-addr <url>", "Vault, whose KV engine (version 2) headers may come from; without it they come from Secrets only"))
    .addOption(flag("--vault-namespace <name>", "namespace of Vault Enterprise"))
    .addOption(flag("--vault-ca <file>", "certificate authority of Vault"))
    .addOption(flag("--vault-token-file <file>", "file with a Vault token that somebody keeps valid, read again for each request"))
    .addOption(flag("--vault-auth-role <role>", "role to log in to Vault as, by its Kubernetes auth method"))
    .addOption(flag("--vault-auth-path <path>", "where Vault's Kubernetes auth method is mounted").default("kubernetes"))
    .addOption(flag("--vault-auth-token-file <file>", "ServiceAccount token to log in with").default(SERVICE_ACCOUNT_TOKEN))
    .addOption(flag("--vault-path-prefix <path>", "what monitors of a namespace may read in Vault: their paths begin behind it").default(DEFAULT_PREFIX));
}

/** @param fail ends the program with a sentence. */
export function readSecretsConfig(flags: SecretsFlags, fail: (sentence: string) => never): SecretsConfig {
  const { secretsRefresh: refreshMs, vaultAddr } = flags;
  if (vaultAddr === undefined) {
    const idle = flags.vaultTokenFile !== undefined || flags.vaultAuthRole !== undefined;
    return idle ? fail("error: --vault-token-file and --vault-auth-role need --vault-addr") : { refreshMs, vault: undefined };
  }
  const prefixFlaw = flawOfPrefix(flags.vaultPathPrefix);
  if (prefixFlaw !== undefined) fail(`error: --vault-path-prefix ${prefixFlaw}`);
  const vault = { address: addressOf(vaultAddr, fail), namespace: flags.vaultNamespace, ca: caOf(flags.vaultCa, fail), auth: authOf(flags, fail), prefix: flags.vaultPathPrefix };
  return { refreshMs, vault };
}

/** Secrets cross this connection: it is encrypted, or does not leave the machine. */
function addressOf(text: string, fail: (sentence: string) => never): string {
  const url = httpUrl(text);
  if (url === undefined || `${url.username}${url.password}${url.search}${url.hash}` !== "") return fail("error: --vault-addr must be a URL such as https://vault.example.com:8200, without user, password and query");
  if (url.protocol === "http:" && !isLoopback(url.hostname)) fail("error: --vault-addr must be an https:// URL: tokens and secrets would cross the network in clear");
  return url.href.endsWith("/") ? url.href : `${url.href}/`;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host);
}

function authOf({ vaultTokenFile: file, vaultAuthRole: role, vaultAuthPath, vaultAuthTokenFile: tokenFile }: SecretsFlags, fail: (sentence: string) => never): VaultAuth {
  const mount = vaultAuthPath.replace(/^\/+|\/+$/g, "");
  if (file !== undefined && role === undefined) return { kind: "token", file };
  if (role !== undefined && file === undefined) return SEGMENTS.test(mount) ? { kind: "kubernetes", mount, role, tokenFile } : fail("error: --vault-auth-path must be a path such as kubernetes");
  return fail("error: --vault-addr needs either --vault-token-file or --vault-auth-role");
}

function caOf(file: string | undefined, fail: (sentence: string) => never): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    return fail(`error: --vault-ca cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Plain segments: none is empty or begins with a dot, nothing is encoded, so no path means another one. */
const SEGMENTS = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*(\/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$/;

/** Why monitors could read beyond their namespace with this prefix, or nothing at all; undefined when it is right. */
function flawOfPrefix(prefix: string): string | undefined {
  const segments = prefix.split("/");
  if (segments.pop() !== "") return "must end in a slash";
  if (!segments.includes(NAMESPACE)) return `must have ${NAMESPACE} as one of its parts between slashes: otherwise every namespace could read every other one's secrets`;
  if (!SEGMENTS.test(segments.map((segment) => (segment === NAMESPACE ? "namespace" : segment)).join("/"))) return `must be a path such as ${DEFAULT_PREFIX}, of letters, digits, dots, dashes and underscores`;
  return segments.indexOf("data") < 1 ? "must name the API's path of a KV engine, version 2: MOUNT/data/…" : undefined;
}

/**
 * The API path of what a monitor names. The hub's token can read every namespace's secrets, so a monitor must not be able
 * to say which: its path begins behind its own namespace's prefix, and cannot lead out of there.
 * Undefined for a path that could.
 */
export function vaultPath(prefix: string, namespace: string, path: string): string | undefined {
  if (!SEGMENTS.test(path) || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(namespace)) return undefined;
  return `v1/${prefix.replaceAll(NAMESPACE, namespace)}${path}`;
}
