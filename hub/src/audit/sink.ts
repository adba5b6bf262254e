import type { Tail } from "./chain.ts";

/** What was found where the log goes on. */
export interface Opening {
  /** The end of the chain that stands there; undefined: there is none yet. */
  tail: Tail | undefined;
  /** What a crash left of a line, and where it was put aside. */
  torn?: { bytes: number; file: string };
}

/** Where lines go. Used by one caller at a time. */
export interface AuditSink {
  /** Before the first line, and again after a failure. @throws AuditError AUDIT_LOG_UNREADABLE, or the system's error. */
  open(): Promise<Opening>;
  /** Whole lines with their breaks. Resolves when they are on disk. */
  append(lines: Buffer): Promise<void>;
  /** Whether it is time for a new file. */
  readonly full: boolean;
  /** Puts the file aside, under a name that has the number of its last line in it, and begins a new one. */
  rotate(last: Tail): Promise<void>;
  close(): Promise<void>;
}
