import { hashOf, parseLine, type Tail } from "./chain.ts";

export interface FileEnd {
  tail: Tail | undefined;
  /** How many of the bytes belong to whole lines of the log; what follows was torn by a crash. */
  whole: number;
}

const BREAK = 0x0a;

/** The last whole line in the end of a file. A crash leaves half a line, or zeros, or both. */
export function endOf(bytes: Buffer): FileEnd {
  let whole = bytes.lastIndexOf(BREAK) + 1;
  while (whole > 0) {
    const start = whole < 2 ? 0 : bytes.lastIndexOf(BREAK, whole - 2) + 1;
    const line = bytes.subarray(start, whole - 1);
    const parsed = parseLine(line);
    if (parsed !== undefined) return { tail: { sequence: parsed.sequence, hash: hashOf(line) }, whole };
    whole = start;
  }
  return { tail: undefined, whole: 0 };
}
