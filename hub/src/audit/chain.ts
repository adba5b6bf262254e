import { createHash } from "node:crypto";

/** The end of a chain: the number of its last line, and that line's SHA-256 in hex. */
export interface Tail {
  readonly sequence: number;
  readonly hash: string;
}

/** What the first line of all follows. */
export const GENESIS: Tail = { sequence: 0, hash: "0".repeat(64) };

/** What stands in a line beside its place in the chain. */
export interface LineBody extends Record<string, unknown> {
  audit: LineKind;
  /** RFC 3339, by the hub's clock, which may jump: the order is that of the numbers. */
  time: string;
}

/** `begin` opens a file or a run of the hub, `anchor` signs all that stands before it. */
export type LineKind = "begin" | "decision" | "anchor";

/** A line as it was found in a file. */
export interface ParsedLine extends LineBody {
  sequence: number;
  /** SHA-256 of the line before it, without its line break. */
  previous: string;
}

/** The line that follows a tail, without its line break, and the tail that it makes. */
export function extend(tail: Tail, { audit, time, ...rest }: LineBody): { line: Buffer; tail: Tail } {
  const sequence = tail.sequence + 1;
  const line = Buffer.from(JSON.stringify({ audit, time, sequence, ...rest, previous: tail.hash }));
  return { line, tail: { sequence, hash: hashOf(line) } };
}

export function hashOf(line: Uint8Array): string {
  return createHash("sha256").update(line).digest("hex");
}

const KINDS: readonly unknown[] = ["begin", "decision", "anchor"] satisfies LineKind[];

/** Undefined for what is no line of an audit log. */
export function parseLine(line: Uint8Array): ParsedLine | undefined {
  const value = json(line);
  return isParsedLine(value) ? value : undefined;
}

function isParsedLine(value: unknown): value is ParsedLine {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const [audit, time, sequence, previous] = ["audit", "time", "sequence", "previous"].map((name) => own(value, name));
  return KINDS.includes(audit) && typeof time === "string" && Number.isSafeInteger(sequence) && typeof previous === "string" && /^[0-9a-f]{64}$/.test(previous);
}

function own(value: object, name: string): unknown {
  return Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}

function json(bytes: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return value;
  } catch {
    return undefined;
  }
}
