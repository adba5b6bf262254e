import { readFile } from "node:fs/promises";

/** Clock ticks per second of /proc/PID/stat (sysconf(_SC_CLK_TCK)): 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const KIB = 1024;

/** What a process has used. */
export interface Usage {
  cpuSeconds: number;
  rssBytes: number;
  /** The highest since it started. */
  peakRssBytes: number;
}

/** Reads /proc. @throws when there is no such process, or no /proc. */
export async function usageOf(pid: number): Promise<Usage> {
  const [stat, status] = await Promise.all([readFile(`/proc/${pid}/stat`, "utf8"), readFile(`/proc/${pid}/status`, "utf8")]);
  return { cpuSeconds: cpuSecondsIn(stat), rssBytes: kibIn(status, "VmRSS"), peakRssBytes: kibIn(status, "VmHWM") };
}

/** User and system time in /proc/PID/stat (proc_pid_stat(5), fields 14 and 15). The command in it may hold blanks and parentheses. */
export function cpuSecondsIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function kibIn(status: string, field: string): number {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1];
  return Number(found ?? Number.NaN) * KIB;
}
