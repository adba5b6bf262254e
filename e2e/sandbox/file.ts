/** Files that others read while we write them. */
import { randomUUID } from "node:crypto";
import { rename, writeFile } from "node:fs/promises";

/** The last write of each file that is under way. */
const writing = new Map<string, Promise<void>>();

/**
 * Replaces a file in one step: a reader meets the old text or the new one. `mode` holds from the first byte. Of writes at
 * the same time the one that was asked for last remains.
 */
export async function writeWhole(file: string, text: string, mode = 0o644): Promise<void> {
  const before = writing.get(file)?.catch(() => undefined);
  const write = Promise.resolve(before).then(() => replace(file, text, mode));
  writing.set(file, write);
  try {
    await write;
  } finally {
    if (writing.get(file) === write) writing.delete(file);
  }
}

async function replace(file: string, text: string, mode: number): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  await writeFile(temporary, text, { mode });
  await rename(temporary, file);
}
