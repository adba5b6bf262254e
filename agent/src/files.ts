import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Replaces a file in one step: after a crash there is the old content or the new one, never a part. The content is
 * forced to the disk before the name changes, and the name after it.
 * @param mode of the file, less what the process's umask takes away
 */
export async function replaceFile(path: string, content: string, mode = 0o666): Promise<void> {
  const temporary = `${path}.tmp`;
  await withFile(temporary, "w", mode, async (file) => {
    await file.writeFile(content);
    await file.sync();
  });
  await rename(temporary, path);
  await withFile(dirname(path), "r", mode, (directory) => directory.sync());
}

async function withFile(path: string, flags: string, mode: number, use: (file: Awaited<ReturnType<typeof open>>) => Promise<void>): Promise<void> {
  const file = await open(path, flags, mode);
  try {
    await use(file);
  } finally {
    await file.close();
  }
}

/** The content of a file, or undefined when there is none. */
export async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path);
    return await file.readFile("utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
