/** What the operating system says of processes: who a pid is, and who is in a process group. */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface ProcessEntry {
  readonly pid: number;
  readonly group: number;
  /** The command line, arguments parted by blanks. */
  readonly command: string;
}

interface ProcStat {
  readonly state: string;
  readonly group: number;
  /** Clock ticks since boot. */
  readonly start: string;
}

/** Parses /proc/PID/stat (proc_pid_stat(5)); the command in it may hold blanks and parentheses. */
export function parseProcStat(text: string): ProcStat | undefined {
  const fields = text.slice(text.lastIndexOf(")") + 2).trim().split(" ");
  const [state, , group] = fields;
  const start = fields[19];
  if (state === undefined || group === undefined || start === undefined) return undefined;
  return { state, group: Number(group), start };
}

/**
 * Tells one life of a pid from the next: a pid is given again after its process ended, its start time is not.
 * Undefined when no such process runs (a zombie has ended: it only waits for its parent).
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  return process.platform === "linux" ? await linuxIdentity(pid) : await psIdentity(pid);
}

async function linuxIdentity(pid: number): Promise<string | undefined> {
  try {
    const stat = parseProcStat(await readFile(`/proc/${pid}/stat`, "utf8"));
    if (stat === undefined || hasEnded(stat.state)) return undefined;
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    return `${boot.trim()}:${stat.start}`;
  } catch {
    return undefined;
  }
}

async function psIdentity(pid: number): Promise<string | undefined> {
  try {
    return parsePsIdentity((await run("ps", ["-o", "stat=,lstart=", "-p", String(pid)])).stdout);
  } catch {
    return undefined;
  }
}

/** Parses one line of `ps -o stat=,lstart=`. */
export function parsePsIdentity(line: string): string | undefined {
  const [state, ...start] = line.trim().split(/\s+/);
  return state === undefined || start.length === 0 || hasEnded(state) ? undefined : start.join(" ");
}

function hasEnded(state: string): boolean {
  return state.startsWith("Z") || state.startsWith("X");
}

/** Every process that runs now, zombies left out. */
export async function listProcesses(): Promise<ProcessEntry[]> {
  return process.platform === "linux" ? await listProc() : await listPs();
}

async function listProc(): Promise<ProcessEntry[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const entries = await Promise.all(pids.map((pid) => procEntry(pid)));
  return entries.filter((entry) => entry !== undefined);
}

async function procEntry(pid: string): Promise<ProcessEntry | undefined> {
  try {
    const stat = parseProcStat(await readFile(`/proc/${pid}/stat`, "utf8"));
    if (stat === undefined || hasEnded(stat.state)) return undefined;
    const command = (await readFile(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ").trim();
    return { pid: Number(pid), group: stat.group, command };
  } catch {
    return undefined; // It ended while we looked.
  }
}

async function listPs(): Promise<ProcessEntry[]> {
  const { stdout } = await run("ps", ["-A", "-o", "pid=,pgid=,stat=,command="]);
  return stdout.split("\n").flatMap((line) => {
    const [, pid, group, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (state === undefined || command === undefined || hasEnded(state)) return [];
    return [{ pid: Number(pid), group: Number(group), command }];
  });
}

/** Sends a signal to a whole process group. False when nobody is in it any more. */
export function signalGroup(leader: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-leader, signal);
  } catch {
    return false;
  }
}

/** Whether all threads of a process stand still: a signal reaches one after the other, and the rest go on for a moment. */
export async function hasStopped(pid: number): Promise<boolean> {
  if (process.platform !== "linux") return (await run("ps", ["-o", "stat=", "-p", String(pid)])).stdout.trim().startsWith("T");
  const threads = await readdir(`/proc/${pid}/task`);
  const states = await Promise.all(threads.map(async (thread) => parseProcStat(await readFile(`/proc/${pid}/task/${thread}/stat`, "utf8"))?.state));
  return states.every((state) => state === "T");
}

/** The last lines of a log file; "" when there is none. */
export async function tailOf(file: string, lines = 15): Promise<string> {
  try {
    const text = await readFile(file, "utf8");
    return text.trimEnd().split("\n").slice(-lines).join("\n");
  } catch {
    return "";
  }
}
