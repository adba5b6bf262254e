import { join } from "node:path";
import type { Clock } from "@sightline/shared";
import { readIfPresent, replaceFile } from "./files.ts";

/**
 * Takes the epoch of this start: above that of every start before, by the file that remembers it, and by the wall clock
 * when the file was lost. Results of one agent are ordered by (epoch, sequence).
 */
export async function takeAgentEpoch(directory: string, clock: Clock): Promise<number> {
  const path = join(directory, "agent-epoch");
  const last = Number((await readIfPresent(path)) ?? 0);
  const epoch = Math.max(Math.floor(clock.now()), Number.isSafeInteger(last) ? last + 1 : 0);
  await replaceFile(path, String(epoch));
  return epoch;
}
