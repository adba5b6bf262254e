/** Files that others read while we write them. */
import { rename, writeFile } from "node:fs/promises";

/** Replaces a file in one step: a reader meets the old text or the new one. `mode` holds from the first byte. */
export async function writeWhole(file: string, text: string, mode = 0o644): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, text, { mode });
  await rename(temporary, file);
}
