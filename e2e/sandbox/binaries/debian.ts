/** Taking a binary out of a Debian package: with apt's own lists and signatures, in a folder of ours, so that nobody has to be root. */
import { execFile } from "node:child_process";
import { chmod, copyFile, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

import { SandboxError } from "../errors.ts";
import { withLock } from "./cache.ts";
import type { DebianFile } from "./catalog.ts";

const run = promisify(execFile);

export interface AptContext {
  readonly env: NodeJS.ProcessEnv;
  readonly cacheRoot: string;
  readonly signal: AbortSignal;
}

/** Fetches the package that the machine's sources offer, and puts its binary to `output`, executable. Installs nothing. */
export async function extractFromDebian(wanted: DebianFile, output: string, context: AptContext): Promise<void> {
  if (!(await hasApt(context.env))) throw new SandboxError("there is no apt-get here");
  const apt = path.join(context.cacheRoot, "apt");
  // apt lets in only one at a time, and refuses the others.
  await withLock(`${apt}.lock`, { signal: context.signal }, async () => {
    const scratch = await mkdtemp(`${output}.`);
    try {
      await download(wanted.package, scratch, apt, context);
      await copyFile(path.join(scratch, wanted.path), output);
      await chmod(output, 0o755);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });
}

/** Whether this machine fetches and opens Debian's packages. */
export async function hasApt(env: NodeJS.ProcessEnv): Promise<boolean> {
  try {
    await Promise.all(["apt-get", "dpkg-deb"].map((command) => run(command, ["--version"], { env })));
    return true;
  } catch {
    return false;
  }
}

async function download(name: string, scratch: string, apt: string, { env, signal }: AptContext): Promise<void> {
  await Promise.all([mkdir(path.join(apt, "lists", "partial"), { recursive: true }), mkdir(path.join(apt, "cache"), { recursive: true })]);
  const options = { cwd: scratch, env, signal };
  await run("apt-get", ["update", ...aptArguments(apt)], options);
  await run("apt-get", ["download", ...aptArguments(apt), name], options);
  const file = (await readdir(scratch)).find((entry) => entry.endsWith(".deb"));
  if (file === undefined) throw new SandboxError(`apt-get brought no package ${name}`);
  await run("dpkg-deb", ["--extract", file, "."], options);
}

/** apt.conf(5): what it keeps stands in our folder, and what it cannot reach it gives up soon. */
export function aptArguments(apt: string): string[] {
  const settings = {
    "Dir::State::lists": path.join(apt, "lists"),
    "Dir::Cache": path.join(apt, "cache"),
    "Acquire::Languages": "none",
    "Acquire::Retries": "0",
    "Acquire::http::Timeout": "5",
    "Acquire::https::Timeout": "5",
    "APT::Sandbox::User": "root",
  };
  return ["--quiet", ...Object.entries(settings).flatMap(([key, value]) => ["--option", `${key}=${value}`])];
}
