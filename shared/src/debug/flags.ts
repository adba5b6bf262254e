import { isIP } from "node:net";
import type { Option } from "commander";
import { flag, type HostPort, hostPort } from "../flags.ts";

/** Where hub and agent serve what only administrators may see; without it they serve nothing. */
export function debugListenFlag(): Option {
  return flag("--debug-listen <host:port>", "where profiles and the log level are served; off when absent").argParser(hostPort);
}

/** Whether only processes of the same machine (or pod) reach it. */
export function isLoopback({ host }: Pick<HostPort, "host">): boolean {
  if (host === "localhost" || host === "::1") return true;
  return isIP(host) === 4 && host.startsWith("127.");
}
