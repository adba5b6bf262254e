import type { ProbeResult } from "@sightline/shared/wire";

/** The newest result of each check that is probed: what `/metrics` shows per monitor. */
export class MonitorState {
  readonly #newest = new Map<string, ProbeResult>();

  record(result: ProbeResult): void {
    this.#newest.set(result.uid, result);
  }

  forget(uid: string): void {
    this.#newest.delete(uid);
  }

  /** As they are at this moment: a reader may take its time. */
  results(): ProbeResult[] {
    return [...this.#newest.values()];
  }
}
