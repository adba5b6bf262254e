/** What lies where in a sandbox's folder, and whose folder it is. */
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import { lockHolder, tryLock } from "./binaries/cache.ts";
import { SandboxError } from "./errors.ts";
import { isRunning, readRecords } from "./parts/record.ts";

/** Absolute paths under a sandbox's folder. */
export interface Layout {
  readonly dir: string;
  readonly state: string;
  readonly adminKubeconfig: string;
  readonly operatorKubeconfig: string;
  readonly logs: string;
  readonly pki: string;
  readonly nats: string;
  /** Keys of the installation. */
  readonly keys: string;
  readonly etcdData: string;
  readonly agents: string;
  /** One file for each hub, with the port of its admission webhook. */
  readonly webhook: string;
  /** Data of what watches from outside: Prometheus, Alertmanager. */
  readonly observers: string;
  /** One record for each process that runs: what `down` goes by. */
  readonly run: string;
  /** Held by the process that starts, or keeps, the sandbox. */
  readonly lock: string;
}

export function layoutOf(dir: string): Layout {
  const under = (...parts: string[]): string => path.join(path.resolve(dir), ...parts);
  return {
    dir: under(),
    state: under("sandbox.json"),
    adminKubeconfig: under("hub.kubeconfig"),
    operatorKubeconfig: under("operator.kubeconfig"),
    logs: under("logs"),
    pki: under("pki"),
    nats: under("nats"),
    keys: under("keys"),
    etcdData: under("etcd"),
    agents: under("agents"),
    webhook: under("webhook"),
    observers: under("observers"),
    run: under("run"),
    lock: under("run", "up.lock"),
  };
}

/** Says that a folder is ours to empty. */
const MARKER = ".sightline-sandbox";

/**
 * Takes a folder for a new sandbox: made where it is missing, emptied of what an earlier sandbox left.
 * Throws a SandboxError when it holds something else, or a sandbox that runs.
 */
export async function takeFolder(layout: Layout): Promise<void> {
  await mkdir(layout.dir, { recursive: true });
  const held = await readdir(layout.dir);
  if (held.length > 0 && !held.includes(MARKER)) {
    throw new SandboxError(`${layout.dir} holds other files than a sandbox's: name an empty folder, or one that does not exist`);
  }
  await mkdir(layout.run, { recursive: true });
  await writeFile(path.join(layout.dir, MARKER), "Made by pnpm sandbox. This folder is emptied when a sandbox starts in it.\n");
  await takeLock(layout);
  try {
    await refuseWhileRunning(layout);
    await empty(layout);
  } catch (error) {
    await leaveFolder(layout);
    throw error;
  }
}

export async function leaveFolder(layout: Layout): Promise<void> {
  await rm(layout.lock, { force: true });
}

async function takeLock(layout: Layout): Promise<void> {
  if ((await lockHolder(layout.lock)) === "dead") await leaveFolder(layout);
  if (await tryLock(layout.lock)) return;
  throw new SandboxError(`process ${await lockHolder(layout.lock)} keeps a sandbox in ${layout.dir}; end it with: ${downCommand(layout)}`);
}

async function refuseWhileRunning(layout: Layout): Promise<void> {
  for (const record of await readRecords(layout.run)) {
    if (await isRunning(record)) {
      throw new SandboxError(`a sandbox runs in ${layout.dir} (${record.name} is process ${record.pid}); end it with: ${downCommand(layout)}`);
    }
  }
}

function downCommand(layout: Layout): string {
  return `pnpm sandbox down --dir ${layout.dir}`;
}

async function empty(layout: Layout): Promise<void> {
  const { state, adminKubeconfig, operatorKubeconfig, logs, pki, nats, keys, etcdData, agents, webhook, observers } = layout;
  for (const old of [state, adminKubeconfig, operatorKubeconfig, logs, pki, nats, keys, etcdData, agents, webhook, observers]) await rm(old, { recursive: true, force: true });
  for (const record of await readRecords(layout.run)) await rm(path.join(layout.run, `${record.name}.json`), { force: true });
  for (const folder of [logs, pki, nats, keys, agents, webhook, observers]) await mkdir(folder, { recursive: true, mode: 0o700 });
}
