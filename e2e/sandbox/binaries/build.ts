/** Building a binary from its pinned Go module. */
import { execFile } from "node:child_process";
import { mkdir, statfs } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { promisify } from "node:util";

import { runGroup } from "../../kit/run.ts";
import { SandboxError } from "../errors.ts";
import type { Report } from "../progress.ts";
import { durationText, estimateText } from "../progress.ts";
import type { Binary, BuildPlan } from "./catalog.ts";
import type { Go } from "./go.ts";

const run = promisify(execFile);
const GIB = 2 ** 30;

export interface BuildOptions {
  readonly go: Go;
  readonly env: NodeJS.ProcessEnv;
  readonly report: Report;
  /** Ends the build at once. */
  readonly signal?: AbortSignal;
}

/** Builds into `output`. Throws a SandboxError with the compiler's last lines. */
export async function buildBinary(binary: Binary, output: string, { go, env, report, ...signal }: BuildOptions): Promise<void> {
  const { build } = binary;
  const full = buildEnvironment(env, go);
  refuseWhenScarce(binary, await resources(go, full));
  const tell = buildTeller(binary, go, report);
  const ticker = setInterval(tell, 1000);
  tell();
  try {
    const args = ["build", "-trimpath", "-buildvcs=false", "-tags", build.tags ?? "", "-ldflags", build.ldflags, "-o", output, build.package];
    const { status, output: said } = await runGroup(go.command, args, { cwd: build.moduleDir, env: full, ...signal });
    if (status !== 0) throw new SandboxError(`building ${binary.name} ${binary.version} failed:\n${lastLines(said)}`);
  } finally {
    clearInterval(ticker);
  }
}

/** The caller's settings of proxies and caches hold; what would change the build is set by us. */
function buildEnvironment(env: NodeJS.ProcessEnv, go: Go): NodeJS.ProcessEnv {
  return { ...env, ...go.env, CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "-mod=readonly", GOOS: "", GOARCH: "" };
}

function buildTeller({ name, version, build }: Binary, go: Go, report: Report): () => void {
  const start = performance.now();
  const cores = availableParallelism();
  const estimate = `once; ${estimateText(estimateSeconds(build, cores))} on ${cores} ${cores === 1 ? "core" : "cores"}`;
  return () => {
    const spent = durationText((performance.now() - start) / 1000);
    report({ text: `Building ${name} ${version} with Go ${go.version} (${estimate}): ${spent}`, ongoing: true });
  };
}

/** Seconds that the build takes: the measured time, shared by the cores; a fifth of it (linking) does not get faster. */
export function estimateSeconds({ secondsOnTwoCores }: Pick<BuildPlan, "secondsOnTwoCores">, cores = availableParallelism()): number {
  return secondsOnTwoCores * (0.2 + (0.8 * 2) / cores);
}

function lastLines(text: string): string {
  return text.trimEnd().split("\n").slice(-15).join("\n");
}

export interface Resources {
  readonly diskGiB: number;
  readonly memoryGiB: number;
  /** Go's build cache: what the disk is needed for. */
  readonly cacheDir: string;
}

/** What is free for a build now. */
export async function resources(go: Pick<Go, "command">, env: NodeJS.ProcessEnv): Promise<Resources> {
  const cacheDir = (await run(go.command, ["env", "GOCACHE"], { env })).stdout.trim();
  await mkdir(cacheDir, { recursive: true });
  return { cacheDir, diskGiB: await freeDiskGiB(cacheDir), memoryGiB: freeMemoryGiB() };
}

export async function freeDiskGiB(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dir);
  return (bavail * bsize) / GIB;
}

/** macOS counts memory as used that it gives back at once: there the machine's size is what tells. */
export function freeMemoryGiB(): number {
  return (process.platform === "darwin" ? totalmem() : process.availableMemory()) / GIB;
}

/** Why a build would not fit; empty when it does. */
export function scarcities(build: Pick<BuildPlan, "diskGiB" | "memoryGiB">, free: Resources): string[] {
  const found: string[] = [];
  if (free.diskGiB < build.diskGiB) found.push(`${build.diskGiB} GiB of disk for Go's build cache in ${free.cacheDir} (${free.diskGiB.toFixed(1)} are free)`);
  if (free.memoryGiB < build.memoryGiB) found.push(`${build.memoryGiB} GiB of memory (${free.memoryGiB.toFixed(1)} are free)`);
  return found;
}

function refuseWhenScarce(binary: Binary, free: Resources): void {
  const missing = scarcities(binary.build, free);
  if (missing.length > 0) throw new SandboxError(`building ${binary.name} ${binary.version} needs ${missing.join(" and ")}`);
}
