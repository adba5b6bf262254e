import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach } from "vitest";

import type { ProcessEntry } from "../../kit/process.ts";
import { listProcesses } from "../../kit/process.ts";
import { waitUntil } from "../../kit/wait.ts";
import { takeDown } from "../../sandbox/mod.ts";

/** A folder for each test; what a failed test left running in it is ended. */
export function testFolders(): (name: string) => string {
  let root = "";
  const used = new Set<string>();
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), "sightline-sandbox-"));
  });
  afterEach(async () => {
    for (const dir of used) await takeDown(dir);
    used.clear();
    await rm(root, { recursive: true, force: true });
  });
  return (name) => {
    const dir = path.join(root, name);
    used.add(dir);
    return dir;
  };
}

/** Every process that names the folder in its command line: each part does, and so does the guard. */
export async function processesOf(dir: string): Promise<ProcessEntry[]> {
  const all = await listProcesses();
  return all.filter(({ command }) => command.includes(`${dir}/`));
}

/** The pids of some processes, in order. */
export function pidsOf(processes: readonly { readonly pid: number }[]): number[] {
  return processes.map(({ pid }) => pid).toSorted((a, b) => a - b);
}

/** A guard ends by itself when its keeper has ended: that may take an instant more than the keeper's end. */
export async function untilNothingRuns(dir: string): Promise<void> {
  await waitUntil({ what: `nothing to run in ${dir}`, timeoutMs: 10_000 }, async () => {
    const left = await processesOf(dir);
    if (left.length > 0) throw new Error(left.map(({ pid, command }) => `${pid} ${command}`).join("; "));
    return true;
  });
}

const CLI = path.join(import.meta.dirname, "..", "..", "sandbox", "cli.ts");

export interface Command {
  readonly pid: number;
  /** What it printed until now, on both streams. */
  output(): string;
  /** Its exit status, when it has ended. */
  readonly status: Promise<number>;
}

/** Runs `pnpm sandbox ...` as a user's shell would: as a process of its own. */
export function runCli(...args: string[]): Command {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const collect = (chunk: Buffer): void => void (output += chunk.toString("utf8"));
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const status = new Promise<number>((resolve) => {
    child.once("close", (code) => resolve(code ?? -1));
  });
  return { pid: child.pid ?? 0, output: () => output, status };
}

/** The servers alone: what the process handling can be shown with, whatever hub and agents do. */
export const SERVERS_ONLY = ["--clusters", "eu-1:eu-west-1:production,us-1", "--hubs", "0", "--no-agents"];
