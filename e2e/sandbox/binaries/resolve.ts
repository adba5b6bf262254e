/** Where each binary comes from: what is there already, else a release, else Debian's package, else a build. */
import { homedir } from "node:os";
import path from "node:path";

import { messageOf, SandboxError } from "../errors.ts";
import type { Report } from "../progress.ts";
import { step } from "../progress.ts";
import { buildBinary } from "./build.ts";
import type { CacheEnvironment } from "./cache.ts";
import { cachedPath, cacheRoot, installAtomically, withLock } from "./cache.ts";
import type { Binary, BinaryName } from "./catalog.ts";
import { binaryOf, platformOf } from "./catalog.ts";
import { extractFromDebian } from "./debian.ts";
import { downloadRelease } from "./download.ts";
import { findGo, isExecutable } from "./go.ts";
import { releaseOf } from "./release.ts";

export interface Candidate {
  readonly path: string;
  /** Where it stands, in words. */
  readonly source: string;
  /** Named by the user: when it is not there, nothing else is taken in its place. */
  readonly explicit: boolean;
}

/** Where a binary may already be, in the order in which it is taken. */
export function candidates(binary: Binary, environment: CacheEnvironment): Candidate[] {
  const { env } = environment;
  const named = env[binary.environment];
  const assets = binary.inKubebuilderAssets ? env["KUBEBUILDER_ASSETS"] : undefined;
  return [
    ...(isSet(named) ? [{ path: named, source: binary.environment, explicit: true }] : []),
    ...(isSet(assets) ? [{ path: path.join(assets, binary.name), source: "KUBEBUILDER_ASSETS", explicit: false }] : []),
    { path: cachedPath(binary, environment), source: "the cache", explicit: false },
    ...(binary.debian === undefined ? [] : [{ path: debianPath(binary, environment), source: "the cache (Debian's)", explicit: false }]),
  ];
}

/** Debian's version is its own matter: the name in the cache says whose it is instead. */
function debianPath(binary: Binary, environment: CacheEnvironment): string {
  return cachedPath({ name: binary.name, version: "debian" }, environment);
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}

/** The first candidate that can be executed; undefined when the binary has to be fetched or built. */
export async function findPresent(binary: Binary, environment: CacheEnvironment): Promise<Candidate | undefined> {
  for (const candidate of candidates(binary, environment)) {
    if (await isExecutable(candidate.path)) return candidate;
    if (candidate.explicit) throw new SandboxError(`${candidate.source} names ${candidate.path}, which cannot be executed`);
  }
  return undefined;
}

export function hostEnvironment(env: NodeJS.ProcessEnv = process.env): CacheEnvironment {
  return { env, home: homedir(), platform: platformOf() };
}

export interface ResolveOptions {
  readonly report: Report;
  readonly environment?: CacheEnvironment;
  /** Ends downloads and builds at once. */
  readonly signal?: AbortSignal;
}

/**
 * The paths of the binaries, fetched or built where they are missing. Downloads run side by side;
 * builds one after the other, since each takes all cores.
 */
export async function resolveBinaries<Name extends BinaryName>(
  names: readonly Name[],
  options: ResolveOptions,
): Promise<Record<Name, string>> {
  const { report, environment = hostEnvironment(), signal = new AbortController().signal } = options;
  let building: Promise<unknown> = Promise.resolve();
  const inTurn = (build: () => Promise<string>): Promise<string> => {
    const turn = building.then(build);
    building = turn.catch(() => undefined);
    return turn;
  };
  const found = await Promise.allSettled(names.map(async (name) => [name, await resolveOne(binaryOf(name), { environment, report, signal, inTurn })] as const));
  const paths: Partial<Record<BinaryName, string>> = {};
  for (const result of found) {
    if (result.status === "rejected") throw result.reason;
    paths[result.value[0]] = result.value[1];
  }
  if (!holdsAll(paths, names)) throw new Error("a binary was resolved to nothing");
  return paths;
}

function holdsAll<Name extends BinaryName>(paths: Partial<Record<BinaryName, string>>, names: readonly Name[]): paths is Record<Name, string> {
  return names.every((name) => paths[name] !== undefined);
}

interface Resolving {
  readonly environment: CacheEnvironment;
  readonly report: Report;
  readonly signal: AbortSignal;
  readonly inTurn: (build: () => Promise<string>) => Promise<string>;
}

async function resolveOne(binary: Binary, resolving: Resolving): Promise<string> {
  const present = await findPresent(binary, resolving.environment);
  if (present !== undefined) return present.path;
  const target = cachedPath(binary, resolving.environment);
  const onWait = (holder: number): void => step(resolving.report, `Process ${holder} already makes ${binary.name} ${binary.version}: waiting for it.`);
  return await withLock(`${target}.lock`, { onWait, signal: resolving.signal }, async () => {
    // Another process may have made it meanwhile.
    return (await findPresent(binary, resolving.environment))?.path ?? (await make(binary, resolving));
  });
}

/** Goes through the ways in which a binary can be had, and gives the path of what the first that works has made. */
async function make(binary: Binary, resolving: Resolving): Promise<string> {
  for (const way of binary.debian === undefined ? [fromRelease] : [fromRelease, fromDebian]) {
    try {
      return await way(binary, resolving);
    } catch (error) {
      resolving.signal.throwIfAborted();
      step(resolving.report, `${binary.name} ${binary.version} cannot be fetched: ${messageOf(error)}.`);
    }
  }
  return await resolving.inTurn(() => build(binary, resolving));
}

async function fromRelease(binary: Binary, { environment, report, signal }: Resolving): Promise<string> {
  const release = releaseOf(binary, environment.platform);
  if (release === undefined) throw new SandboxError(`no release for ${environment.platform.os}`);
  const target = cachedPath(binary, environment);
  await installAtomically(target, (temporary) => downloadRelease(release, temporary, signal));
  step(report, `Fetched ${binary.name} ${binary.version} from ${new URL(release.url).hostname}.`);
  return target;
}

async function fromDebian(binary: Binary, { environment, report, signal }: Resolving): Promise<string> {
  const { debian } = binary;
  if (debian === undefined) throw new SandboxError("Debian's package is not used for it");
  const target = debianPath(binary, environment);
  await installAtomically(target, (temporary) => extractFromDebian(debian, temporary, { env: environment.env, cacheRoot: cacheRoot(environment), signal }));
  step(report, `Took ${binary.name} from Debian's package ${debian.package}.`);
  return target;
}

async function build(binary: Binary, { environment, report, signal }: Resolving): Promise<string> {
  const { env } = environment;
  const target = cachedPath(binary, environment);
  const go = await findGo({ env, moduleDir: binary.build.moduleDir, cacheRoot: cacheRoot(environment), report });
  await installAtomically(target, (temporary) => buildBinary(binary, temporary, { go, env, report, signal }));
  step(report, `Built ${binary.name} ${binary.version}.`);
  return target;
}
