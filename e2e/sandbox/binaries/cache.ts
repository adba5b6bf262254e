/** Our cache of binaries: keyed by version, filled atomically, one builder at a time. */
import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import { at, textAt } from "../../kit/json.ts";
import { processIdentity } from "../../kit/process.ts";
import { waitUntil } from "../../kit/wait.ts";
import type { Binary, Platform } from "./catalog.ts";

export interface CacheEnvironment {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly platform: Platform;
}

/** The user's cache folder for us: XDG_CACHE_HOME where it is set, else what the platform is used to. */
export function cacheRoot({ env, home, platform }: CacheEnvironment): string {
  const xdg = env["XDG_CACHE_HOME"];
  if (xdg !== undefined && path.isAbsolute(xdg)) return path.join(xdg, "sightline");
  return path.join(home, ...(platform.os === "darwin" ? ["Library", "Caches"] : [".cache"]), "sightline");
}

export function cachedPath(binary: Pick<Binary, "name" | "version">, environment: CacheEnvironment): string {
  const { os, arch } = environment.platform;
  return path.join(cacheRoot(environment), "bin", `${binary.name}-${binary.version}-${os}-${arch}`);
}

/**
 * Makes a file under a temporary name and moves it to `target` in one step, so that nobody meets half a binary.
 * What a failed `make` left is removed.
 */
export async function installAtomically(target: string, make: (temporary: string) => Promise<void>): Promise<void> {
  await mkdir(path.dirname(target), { recursive: true });
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    await make(temporary);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Nobody waits longer for another one's build than the slowest build that was seen, and some. */
const LOCK_WAIT_MS = 60 * 60_000;

export interface LockOptions {
  /** Told once, when another process holds the lock. */
  readonly onWait?: (holder: number) => void;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

/**
 * Runs `work` while holding `file`, which says who holds it. A lock whose holder has died is broken.
 * Two that break it at the same instant can both go on: then the work is done twice, and its last result stands.
 */
export async function withLock<T>(file: string, { onWait, signal }: LockOptions, work: () => Promise<T>): Promise<T> {
  await mkdir(path.dirname(file), { recursive: true });
  let told = false;
  await waitUntil({ what: `the lock ${file}`, timeoutMs: LOCK_WAIT_MS, everyMs: 100, ...(signal && { signal }) }, async () => {
    if (await tryLock(file)) return true;
    const holder = await lockHolder(file);
    if (holder === "dead") await rm(file, { force: true });
    if (typeof holder === "number" && !told) {
      onWait?.(holder);
      told = true;
    }
    return false;
  });
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

/** Takes the lock if nobody has it. The content is complete before the name exists: link(2) is the atomic step. */
export async function tryLock(file: string): Promise<boolean> {
  const own = `${file}.${randomUUID()}`;
  await writeFile(own, JSON.stringify({ pid: process.pid, identity: await processIdentity(process.pid) }));
  try {
    await link(own, file);
    return true;
  } catch {
    return false;
  } finally {
    await rm(own, { force: true });
  }
}

/** The pid that holds the lock; "dead" when the one who took it has ended, "none" when nobody took it. */
export async function lockHolder(file: string): Promise<number | "dead" | "none"> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch {
    return "none";
  }
  const lock = parseLock(text);
  return lock !== undefined && (await processIdentity(lock.pid)) === lock.identity ? lock.pid : "dead";
}

function parseLock(text: string): { pid: number; identity: string } | undefined {
  try {
    const lock: unknown = JSON.parse(text);
    const pid = at(lock, "pid");
    const identity = textAt(lock, "identity");
    return typeof pid === "number" && identity !== undefined ? { pid, identity } : undefined;
  } catch {
    return undefined;
  }
}
