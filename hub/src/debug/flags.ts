import type { Command } from "commander";
import { debugListenFlag, isLoopback } from "@sightline/shared/debug";
import { flag, type HostPort } from "@sightline/shared/flags";
import { pairOf, type TlsFiles } from "../api/tls-files.ts";

/** What helps to see why a hub is slow or large. All of it is off by default. */
export interface DebugConfig {
  listen: HostPort | undefined;
  tls: TlsFiles | undefined;
  /** Every reconcile logs what it cost. */
  reconciliation: boolean;
  /** Where heap profiles of single reconciles are written. */
  profileDir: string | undefined;
}

export interface DebugFlags {
  debugListen?: HostPort;
  debugTlsCert?: string;
  debugTlsKey?: string;
  debugReconciliation: boolean;
  debugProfileDir?: string;
}

export function addDebugFlags(command: Command): Command {
  return command
    .addOption(debugListenFlag())
    .addOption(flag("--debug-tls-cert <file>", "certificate of --debug-listen; needed beyond the loopback"))
    .addOption(flag("--debug-tls-key <file>", "key of that certificate"))
    .addOption(flag("--debug-reconciliation", "log what each reconcile cost").default(false))
    .addOption(flag("--debug-profile-dir <dir>", "where heap profiles of reconciles that were asked for are written"));
}

/** @param fail ends the program with a sentence. */
export function readDebug(flags: DebugFlags, fail: (sentence: string) => never): DebugConfig {
  const { debugListen: listen, debugTlsCert: certFile, debugTlsKey: keyFile } = flags;
  const tls = pairOf({ certFile, keyFile }, () => fail("error: --debug-tls-cert and --debug-tls-key go together"));
  if (listen !== undefined && tls === undefined && !isLoopback(listen)) {
    fail(`error: --debug-listen ${listen.host}:${listen.port} is no loopback address: tokens would cross the network in clear. Use 127.0.0.1, or give --debug-tls-cert and --debug-tls-key`);
  }
  return { listen, tls, reconciliation: flags.debugReconciliation, profileDir: flags.debugProfileDir };
}
