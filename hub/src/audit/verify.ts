import { ANCHOR_LINES } from "./audit-log.ts";
import { signerOf } from "./anchor.ts";
import { GENESIS, hashOf, type ParsedLine, parseLine, type Tail } from "./chain.ts";

/** A file of an audit log. Read when it is needed, and again where something is wrong: all of them may be large. */
export interface LogFile {
  name: string;
  read: () => Buffer;
}

export interface Expectations {
  /** Who may have signed; without one each anchor is held to the key that it names. */
  hubKeys?: readonly string[];
  /** A line's hash that was kept elsewhere: it must be there. */
  contains?: string;
}

/** What is wrong with the first line that something is wrong with. */
export interface Fault {
  what: "changed" | "missing" | "reordered" | "torn" | "unsigned" | "signature" | "empty";
  /** A whole sentence, with file and line. */
  sentence: string;
}

export interface Summary {
  lines: number;
  decisions: number;
  from: string;
  to: string;
  /** Whether the first line of all is there; otherwise the log goes on from an older file. */
  whole: boolean;
  first: number;
  last: Tail;
  anchors: number;
  /** Lines after the last anchor: nothing but their hashes holds them. */
  unsigned: number;
  /** Who signed. */
  keys: string[];
}

interface Place {
  file: string;
  number: number;
  bytes: Buffer;
  /** Undefined for what is no line of a log. */
  parsed: ParsedLine | undefined;
  /** False for the end of a file without a line break. */
  ended: boolean;
}

/** Walks the chain over all files, in the order of their numbers. */
export function verify(files: readonly LogFile[], expected: Expectations = {}): { fault: Fault } | { summary: Summary } {
  const inOrder = files.toSorted((a, b) => firstNumber(a) - firstNumber(b));
  const walk = new Walk(inOrder, expected);
  let place: Place | undefined;
  for (const next of places(inOrder)) {
    const fault = place === undefined ? undefined : walk.take(place, next);
    if (fault !== undefined) return { fault };
    place = next;
  }
  const fault = (place === undefined ? undefined : walk.take(place, undefined)) ?? walk.end();
  return fault === undefined ? { summary: walk.summary } : { fault };
}

class Walk {
  readonly #files: readonly LogFile[];
  readonly #expected: Expectations;
  readonly #keys = new Set<string>();
  #tail: Tail | undefined;
  #before: Place | undefined;
  #first: ParsedLine | undefined;
  #to = "";
  #lines = 0;
  #decisions = 0;
  #anchors = 0;
  #unsigned = 0;
  #contained = false;

  constructor(files: readonly LogFile[], expected: Expectations) {
    this.#files = files;
    this.#expected = expected;
  }

  get summary(): Summary {
    const first = this.#first?.sequence ?? 0;
    return {
      lines: this.#lines,
      decisions: this.#decisions,
      from: this.#first?.time ?? "",
      to: this.#to,
      whole: first === 1,
      first,
      last: this.#tail ?? GENESIS,
      anchors: this.#anchors,
      unsigned: this.#unsigned,
      keys: [...this.#keys],
    };
  }

  take(place: Place, next: Place | undefined): Fault | undefined {
    const { parsed } = place;
    if (parsed === undefined) return unreadable(place);
    const fault = this.#tail === undefined ? wrongStart(place, parsed) : this.#wrongLink({ place, parsed, next, tail: this.#tail });
    if (fault !== undefined) return fault;
    if (!place.ended) return unreadable(place);
    this.#tail = { sequence: parsed.sequence, hash: hashOf(place.bytes) };
    this.#before = place;
    this.#first ??= parsed;
    this.#count(parsed);
    return parsed.audit === "anchor" ? this.#wrongAnchor(place, parsed) : undefined;
  }

  /** What can be said only when all lines have been seen. */
  end(): Fault | undefined {
    const { hubKeys, contains } = this.#expected;
    if (this.#before === undefined) return { what: "empty", sentence: "there is no line in it" };
    if (contains !== undefined && !this.#contained) return { what: "missing", sentence: `no line has the hash ${contains}: lines were cut off, or the log was written anew` };
    if (hubKeys === undefined) return undefined;
    if (this.#anchors === 0) return { what: "unsigned", sentence: `no line is signed by ${hubKeys.join(" or ")}` };
    // A hub signs each thousand lines, one group of them late at most.
    if (this.#unsigned > 2 * ANCHOR_LINES) return { what: "unsigned", sentence: `the last ${this.#unsigned} lines, to ${at(this.#before)}, are not signed` };
    return undefined;
  }

  #count({ audit, time }: ParsedLine): void {
    this.#lines += 1;
    this.#to = time;
    this.#unsigned += 1;
    this.#contained ||= this.#tail?.hash === this.#expected.contains;
    if (audit === "decision") this.#decisions += 1;
  }

  #wrongAnchor(place: Place, parsed: ParsedLine): Fault | undefined {
    const signer = signerOf(parsed);
    const { hubKeys } = this.#expected;
    if (signer === undefined) return { what: "signature", sentence: `${at(place)}: its signature is not that of the key it names` };
    if (hubKeys?.includes(signer) === false) return { what: "signature", sentence: `${at(place)}: signed by ${signer}, which is none of the hub's keys given` };
    this.#keys.add(signer);
    this.#anchors += 1;
    this.#unsigned = 0;
    return undefined;
  }

  #wrongLink({ place, parsed, next, tail }: { place: Place; parsed: ParsedLine; next: Place | undefined; tail: Tail }): Fault | undefined {
    const wanted = tail.sequence + 1;
    if (parsed.sequence !== wanted) return this.#wrongNumber(place, parsed.sequence, wanted);
    if (parsed.previous === tail.hash) return undefined;
    // Whose hash the next line holds was not changed.
    const itself = next?.parsed !== undefined && next.parsed.previous !== hashOf(place.bytes);
    const changed = itself || this.#before === undefined ? place : this.#before;
    return { what: "changed", sentence: `${at(changed)}: changed after it was written: the line ${itself ? "after" : "that follows"} holds another hash` };
  }

  #wrongNumber(place: Place, found: number, wanted: number): Fault {
    const follows = `${at(place)}: number ${found} follows number ${wanted - 1}`;
    const elsewhere = found > wanted ? [...places(this.#files)].find(({ parsed }) => parsed?.sequence === wanted) : undefined;
    if (found < wanted) return { what: "reordered", sentence: `${follows}: lines were moved, or written twice` };
    if (elsewhere !== undefined) return { what: "reordered", sentence: `${follows}: number ${wanted} stands at ${at(elsewhere)}` };
    return { what: "missing", sentence: `${follows}: ${found - wanted === 1 ? "a line is" : `${found - wanted} lines are`} missing` };
  }
}

function unreadable(place: Place): Fault {
  if (place.ended) return { what: "changed", sentence: `${at(place)}: is no line of an audit log` };
  return { what: "torn", sentence: `${at(place)}: has no end: a crash, a copy made too early, or lines cut off` };
}

function wrongStart(place: Place, { sequence, previous, audit }: ParsedLine): Fault | undefined {
  if (audit !== "begin") return { what: "missing", sentence: `${at(place)}: a file of the log begins with a line "audit":"begin": the lines before number ${sequence} are missing` };
  if ((sequence === 1) !== (previous === GENESIS.hash)) return { what: "changed", sentence: `${at(place)}: changed after it was written: only number 1 follows nothing` };
  return undefined;
}

function at({ file, number }: Place): string {
  return `${file}, line ${number}`;
}

function firstNumber(file: LogFile): number {
  for (const { parsed } of places([file])) return parsed?.sequence ?? 0;
  return 0;
}

function* places(files: readonly LogFile[]): Generator<Place> {
  for (const { name, read } of files) {
    const bytes = read();
    let start = 0;
    for (let number = 1; start < bytes.length; number += 1) {
      const found = bytes.indexOf(0x0a, start);
      const end = found < 0 ? bytes.length : found;
      const line = bytes.subarray(start, end);
      yield { file: name, number, bytes: line, parsed: parseLine(line), ended: found >= 0 };
      start = end + 1;
    }
  }
}
