import { writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { join } from "node:path";

/** Names the folder into which a measured process writes what it saw of its own event loop. */
export const MEASURE_DIR = "SIGHTLINE_BENCH_DIR";

const RESOLUTION_MS = 5;
const WRITE_EVERY_MS = 1000;

/** How late the event loop was in each second of a process' life. Milliseconds. */
export interface LoopSample {
  /** Milliseconds since the Unix epoch. */
  at: number;
  p99: number;
  max: number;
}

export function loopFile(directory: string, pid: number): string {
  return join(directory, `loop-${pid}.jsonl`);
}

/** Writes a sample each second, for the benchmark that started this process. The product itself knows nothing of it. */
export function measureLoop(): void {
  const directory = process.env[MEASURE_DIR];
  if (directory === undefined) return;
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const file = loopFile(directory, process.pid);
  setInterval(() => {
    // The histogram holds the distance of ticks, so the resolution itself is no delay.
    const sample: LoopSample = { at: Date.now(), p99: lateness(delay.percentile(99)), max: lateness(delay.max) };
    writeFileSync(file, `${JSON.stringify(sample)}\n`, { flag: "a" });
    delay.reset();
  }, WRITE_EVERY_MS).unref();
}

function lateness(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
}
