import { type FileHandle, mkdir, open, readdir, rename, stat, unlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Clock } from "@sightline/shared";
import type { Tail } from "./chain.ts";
import { AuditError } from "./errors.ts";
import type { AuditSink, Opening } from "./sink.ts";
import { endOf, type FileEnd } from "./tail.ts";

export interface FileSinkOptions {
  path: string;
  /** A file past this is put aside. */
  maxBytes: number;
  /** How many files that were put aside are kept; 0: all. */
  keep: number;
  clock: Clock;
}

interface OpenFile {
  handle: FileHandle;
  inode: number;
  /** Up to here everything is on disk. */
  size: number;
}

/** No line is longer: the last one lies within so much of a file's end. */
const END_BYTES = 4 * 1024 * 1024;

/** A file that only grows, and is put aside when it is large: `audit.log.000000001234` ends with line 1234. Owner and group may read it. */
export class FileSink implements AuditSink {
  readonly #options: FileSinkOptions;
  #file: OpenFile | undefined;
  /** What is known to be on disk, also after a failure. */
  #synced: { inode: number; size: number } | undefined;

  constructor(options: FileSinkOptions) {
    this.#options = options;
  }

  get full(): boolean {
    return this.#file !== undefined && this.#file.size >= this.#options.maxBytes;
  }

  async open(): Promise<Opening> {
    const { path } = this.#options;
    await this.close();
    await mkdir(dirname(path), { recursive: true, mode: 0o750 });
    const file = await openFile(path);
    this.#file = file;
    // What an append left that failed was never promised to anybody.
    if (this.#synced?.inode === file.inode && file.size > this.#synced.size) await cut(file, this.#synced.size);
    const end = await this.#endOf(file);
    const torn = end.whole === file.size ? undefined : await this.#putAside(file, end.whole);
    this.#trust(file);
    return { tail: end.tail ?? (await this.#tailAside()), ...(torn === undefined ? {} : { torn }) };
  }

  async append(lines: Buffer): Promise<void> {
    const file = this.#file;
    if (file === undefined) throw new Error("the file is not open");
    await this.#verifyAlone(file);
    await file.handle.appendFile(lines);
    await file.handle.datasync();
    file.size += lines.byteLength;
    this.#trust(file);
  }

  async rotate(last: Tail): Promise<void> {
    const { path, keep } = this.#options;
    await this.close();
    await rename(path, `${path}.${String(last.sequence).padStart(12, "0")}`);
    this.#file = await openFile(path);
    this.#trust(this.#file);
    if (keep === 0) return;
    for (const old of (await this.#aside()).slice(0, -keep)) await unlink(old);
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close();
  }

  /** Files that were put aside, oldest first. */
  async #aside(): Promise<string[]> {
    const { path } = this.#options;
    const [folder, name] = [dirname(path), basename(path)];
    const names = (await readdir(folder)).filter((other) => other.startsWith(`${name}.`) && /^\d{12}$/.test(other.slice(name.length + 1)));
    return names.toSorted().map((other) => join(folder, other));
  }

  /** Where a crash, or somebody's hand, took the file after the last one was put aside. */
  async #tailAside(): Promise<Tail | undefined> {
    const newest = (await this.#aside()).at(-1);
    if (newest === undefined) return undefined;
    const file = await openFile(newest);
    try {
      return (await this.#endOf(file)).tail;
    } finally {
      await file.handle.close();
    }
  }

  /** @throws AuditError AUDIT_LOG_UNREADABLE for a file that is somebody else's: it is never cut. */
  async #endOf({ handle, size }: OpenFile): Promise<FileEnd> {
    const from = Math.max(0, size - END_BYTES);
    const bytes = Buffer.alloc(size - from);
    await handle.read(bytes, 0, bytes.length, from);
    const end = endOf(bytes);
    const holdsLines = bytes.includes(0x0a);
    if (end.tail === undefined && holdsLines) throw new AuditError("AUDIT_LOG_UNREADABLE", `${this.#options.path} ends with no line of an audit log: name another file with --audit-log, or move this one away`);
    return { tail: end.tail, whole: from + end.whole };
  }

  async #putAside(file: OpenFile, from: number): Promise<{ bytes: number; file: string }> {
    const { handle, size } = file;
    const bytes = Buffer.alloc(size - from);
    await handle.read(bytes, 0, bytes.length, from);
    const { path, clock } = this.#options;
    const kept = join(dirname(path), `torn-${new Date(clock.now()).toISOString().replaceAll(/[-:.]/g, "")}-${basename(path)}`);
    await writeFile(kept, bytes, { flag: "wx", mode: 0o640, flush: true });
    await cut(file, from);
    return { bytes: bytes.length, file: kept };
  }

  #trust({ inode, size }: OpenFile): void {
    this.#synced = { inode, size };
  }

  /** A second writer, or something that rotates logs, would break the chain. */
  async #verifyAlone(file: OpenFile): Promise<void> {
    const { ino, size } = await stat(this.#options.path);
    if (ino === file.inode && size === file.size) return;
    throw new Error(`somebody else has moved or changed ${this.#options.path}: each hub needs a file of its own, which it rotates itself`);
  }
}

/** For appending and reading; its name, too, is on disk afterwards. */
async function openFile(path: string): Promise<OpenFile> {
  const handle = await open(path, "a+", 0o640);
  try {
    await using folder = await open(dirname(path), "r");
    await folder.sync();
    const { ino: inode, size } = await handle.stat();
    return { handle, inode, size };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function cut(file: OpenFile, size: number): Promise<void> {
  await file.handle.truncate(size);
  await file.handle.sync();
  file.size = size;
}
