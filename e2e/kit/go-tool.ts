import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheRoot } from "../sandbox/binaries/cache.ts";
import { findGo, type Go } from "../sandbox/binaries/go.ts";
import { hostEnvironment } from "../sandbox/binaries/resolve.ts";
import { runGroup } from "./run.ts";

const MODULE = join(import.meta.dirname, "..", "sandbox", "binaries", "modules", "nats");

/** Runs `go tool …` and resolves with all that it printed, or rejects when it fails. */
export type GoTool = (args: readonly string[]) => Promise<string>;

/** By the Go that would build the sandbox's servers; undefined without one. */
export async function findTool(): Promise<GoTool | undefined> {
  const environment = hostEnvironment();
  const search = { env: environment.env, moduleDir: MODULE, cacheRoot: cacheRoot(environment), report: () => undefined };
  const go = await findGo(search).catch(() => undefined);
  return go === undefined ? undefined : async (args) => run(go, environment.env, args);
}

async function run(go: Go, env: NodeJS.ProcessEnv, args: readonly string[]): Promise<string> {
  const { status, output } = await runGroup(go.command, ["tool", ...args], { cwd: tmpdir(), env: { ...env, ...go.env } });
  if (status !== 0) throw new Error(`go tool ${args.join(" ")} ended with ${status}: ${output}`);
  return output;
}
