/** Ending a sandbox from outside, whatever state it is in. */
import { processIdentity } from "../kit/process.ts";
import { waitUntil, WaitTimeoutError } from "../kit/wait.ts";
import { lockHolder } from "./binaries/cache.ts";
import type { Layout } from "./layout.ts";
import { layoutOf, leaveFolder } from "./layout.ts";
import type { PartRecord } from "./parts/record.ts";
import { endParts, isRunning, readRecords, removeRecord } from "./parts/record.ts";
import { markDown } from "./state.ts";

export interface DownResult {
  /** Names of the parts that were running and are ended. */
  readonly ended: string[];
  /** Names of the parts that had ended before. */
  readonly gone: string[];
}

/**
 * Ends everything that runs in a sandbox's folder: first the process that keeps it in the foreground, if there is one,
 * which ends its parts; then every part that is still there. Goes by the records in run/, so that a damaged
 * sandbox.json does not matter. Throws a SandboxError when a part cannot be ended.
 */
export async function takeDown(dir: string): Promise<DownResult> {
  const layout = layoutOf(dir);
  const before = await readRecords(layout.run);
  const running = await namesOfRunning(before);
  await endKeeper(layout);
  const left = await readRecords(layout.run);
  await endParts(left);
  for (const { name } of left) await removeRecord(layout.run, name);
  await leaveFolder(layout);
  await markDown(layout.state);
  return { ended: running, gone: before.map(({ name }) => name).filter((name) => !running.includes(name)) };
}

async function namesOfRunning(records: readonly PartRecord[]): Promise<string[]> {
  const names = await Promise.all(records.map(async (record) => ((await isRunning(record)) ? [record.name] : [])));
  return names.flat();
}

/** A keeper has to end its parts in time for each layer's grace. */
const KEEPER_MS = 30_000;

async function endKeeper(layout: Layout): Promise<void> {
  const keeper = await lockHolder(layout.lock);
  if (typeof keeper !== "number" || keeper === process.pid) return;
  const identity = await processIdentity(keeper);
  process.kill(keeper, "SIGTERM");
  try {
    await waitUntil({ what: `process ${keeper} to end its sandbox`, timeoutMs: KEEPER_MS }, async () => (await processIdentity(keeper)) !== identity);
  } catch (error) {
    if (!(error instanceof WaitTimeoutError)) throw error;
    process.kill(keeper, "SIGKILL"); // Its guard ends the parts, and so do we.
  }
}
