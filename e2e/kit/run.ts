/** Running a program to its end, with everything that it starts. */
import { spawn } from "node:child_process";

import { signalGroup } from "./process.ts";

export interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Ends the program and its children at once. */
  readonly signal?: AbortSignal;
}

/** Resolves with the exit status and all that was printed; rejects when the program cannot be started or the signal aborts. */
export async function runGroup(command: string, args: readonly string[], options: RunOptions): Promise<{ status: number; output: string }> {
  options.signal?.throwIfAborted();
  const child = spawn(command, args, { cwd: options.cwd, env: options.env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  const abort = (): void => {
    if (child.pid !== undefined) signalGroup(child.pid, "SIGKILL");
  };
  options.signal?.addEventListener("abort", abort, { once: true });
  try {
    const status = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve(code ?? -1));
    });
    options.signal?.throwIfAborted();
    return { status, output: Buffer.concat(chunks).toString("utf8") };
  } finally {
    options.signal?.removeEventListener("abort", abort);
  }
}
