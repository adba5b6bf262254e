import type { AuditEntry, AuditLog } from "./types.ts";

/** An audit log that keeps its entries for a test to look at. */
export class RecordingAuditLog implements AuditLog {
  readonly entries: AuditEntry[] = [];
  closed = false;
  /** Set: every entry is refused by this error. */
  failure: Error | undefined;

  get outcomes(): string[] {
    return this.entries.map(({ outcome }) => outcome);
  }

  async record(entry: AuditEntry): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    this.entries.push(structuredClone(entry));
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}
