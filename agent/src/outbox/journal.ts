import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";

/** A segment as it was found at start. */
export interface FoundSegment {
  id: number;
  bytes: number;
  records: string[];
  /** Lines that do not carry their checksum: a crash tore the last one, or the disk is ill. */
  damaged: number;
}

/**
 * Append-only files of records, one text line each, oldest segment first by its number. A record is in the file before
 * anybody hears of it: a killed agent loses none. It is not forced to the disk: a machine that loses power may lose the
 * last seconds. Writing is synchronous, a few microseconds into the page cache; so order and failure stay simple.
 */
export class Journal {
  readonly #directory: string;
  #open: { id: number; file: number } | undefined;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  /** Every segment that an earlier run left, oldest first. */
  found(): FoundSegment[] {
    return readdirSync(this.#directory)
      .map((name) => Number(/^(\d+)\.log$/.exec(name)?.[1] ?? Number.NaN))
      .filter((id) => Number.isSafeInteger(id))
      .toSorted((a, b) => a - b)
      .map((id) => this.read(id));
  }

  /** Appends a record, which must not hold a line break. @returns its size in the file. @throws when it cannot be written. */
  append(id: number, record: string): number {
    if (this.#open?.id !== id) {
      this.#close();
      this.#open = { id, file: openSync(this.#path(id), "a") };
    }
    const line = Buffer.from(`${checksum(record)} ${record}\n`);
    if (writeSync(this.#open.file, line) < line.length) throw new Error("the disk took a part of the record only");
    return line.length;
  }

  read(id: number): FoundSegment {
    const text = readFileSync(this.#path(id), "utf8");
    const segment: FoundSegment = { id, bytes: Buffer.byteLength(text), records: [], damaged: 0 };
    for (const line of text.split("\n")) {
      if (line === "") continue;
      const record = line.slice(9);
      if (line.slice(0, 8) === checksum(record)) segment.records.push(record);
      else segment.damaged += 1;
    }
    return segment;
  }

  remove(id: number): void {
    if (this.#open?.id === id) this.#close();
    unlinkSync(this.#path(id));
  }

  close(): void {
    this.#close();
  }

  #close(): void {
    if (this.#open !== undefined) closeSync(this.#open.file);
    this.#open = undefined;
  }

  #path(id: number): string {
    return join(this.#directory, `${String(id).padStart(12, "0")}.log`);
  }
}

function checksum(record: string): string {
  return crc32(record).toString(16).padStart(8, "0");
}
