/** What is kept on disk of each process, so that another command can end it, and nothing else in its place. */
import { readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";

import { at, textAt } from "../../kit/json.ts";
import { processIdentity, signalGroup } from "../../kit/process.ts";
import { waitUntil, WaitTimeoutError } from "../../kit/wait.ts";
import { SandboxError } from "../errors.ts";
import { writeWhole } from "../file.ts";

export interface PartRecord {
  readonly name: string;
  /** Leads a process group of its own. */
  readonly pid: number;
  /** Tells the process from a later one with the same pid. */
  readonly identity: string;
  readonly log: string;
  /** Parts with a higher number are ended first: clients before their servers. */
  readonly layer: number;
}

export async function writeRecord(runDir: string, record: PartRecord): Promise<void> {
  const { name, pid, identity, log, layer } = record;
  await writeWhole(fileOf(runDir, name), JSON.stringify({ name, pid, identity, log, layer }));
}

export async function removeRecord(runDir: string, name: string): Promise<void> {
  await rm(fileOf(runDir, name), { force: true });
}

function fileOf(runDir: string, name: string): string {
  return path.join(runDir, `${name}.json`);
}

/** All records in a folder; what cannot be read as one is passed over. */
export async function readRecords(runDir: string): Promise<PartRecord[]> {
  let files: string[];
  try {
    files = await readdir(runDir);
  } catch {
    return [];
  }
  const texts = await Promise.all(files.filter((file) => file.endsWith(".json")).map((file) => readFile(path.join(runDir, file), "utf8")));
  return texts.map((text) => parseRecord(text)).filter((record) => record !== undefined);
}

/** A record, or undefined for a text that is none (half of one, for instance). */
export function parseRecord(text: string): PartRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const [name, identity, log] = [textAt(value, "name"), textAt(value, "identity"), textAt(value, "log")];
  const [pid, layer] = [at(value, "pid"), at(value, "layer")];
  if (name === undefined || identity === undefined || log === undefined || !isPid(pid) || typeof layer !== "number") return undefined;
  return { name, pid, identity, log, layer };
}

/** kill(2) takes 0 and negative numbers for groups, and 1 is nobody's part. */
function isPid(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value > 1;
}

export async function isRunning({ pid, identity }: Pick<PartRecord, "pid" | "identity">): Promise<boolean> {
  return (await processIdentity(pid)) === identity;
}

/** How long a part may take to end by itself before it is killed. */
export const GRACE_MS = 10_000;
const KILL_MS = 10_000;

/**
 * Ends a part's process group: TERM, and KILL after `graceMs`. A paused one is woken, or it would not hear the TERM.
 * Resolves when it is gone, with how it went. A process that only has the same pid is left alone.
 */
export async function endPart(record: PartRecord, graceMs = GRACE_MS): Promise<"was-gone" | "ended" | "killed"> {
  if (!(await isRunning(record))) return "was-gone";
  signalGroup(record.pid, "SIGTERM");
  signalGroup(record.pid, "SIGCONT");
  if (await isGoneWithin(record, graceMs)) return "ended";
  signalGroup(record.pid, "SIGKILL");
  if (await isGoneWithin(record, KILL_MS)) return "killed";
  throw new SandboxError(`${record.name} (process ${record.pid}) cannot be ended`);
}

async function isGoneWithin(record: PartRecord, timeoutMs: number): Promise<boolean> {
  try {
    await waitUntil({ what: `the end of ${record.name}`, timeoutMs, everyMs: 10 }, async () => !(await isRunning(record)));
    return true;
  } catch (error) {
    if (error instanceof WaitTimeoutError) return false;
    throw error;
  }
}

/** Ends parts layer by layer, the highest first, those of one layer side by side. */
export async function endParts(records: readonly PartRecord[], graceMs = GRACE_MS): Promise<void> {
  const layers = [...new Set(records.map(({ layer }) => layer))].toSorted((a, b) => b - a);
  for (const layer of layers) {
    await Promise.all(records.filter((record) => record.layer === layer).map((record) => endPart(record, graceMs)));
  }
}
