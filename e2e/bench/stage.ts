import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseClusterSpecs, printer, type Sandbox, startSandbox } from "../sandbox/mod.ts";
import { type LoopSample, loopFile, MEASURE_DIR } from "./loop-delay.ts";

/** A sandbox whose hub and agents are measured, and which goes away with everything it wrote. */
export interface MeasuredStage extends AsyncDisposable {
  sandbox: Sandbox;
  hubPid: number;
  agentPids: number[];
  /** The loop delay of a process, second by second, between two times (milliseconds since the Unix epoch). */
  loop(pid: number, from: number, to: number): Promise<LoopSample[]>;
}

export interface StageOptions {
  clusters: number;
  signal: AbortSignal;
  /** Folder for CPU profiles of hub and agents; absent: none are made. */
  profileDir?: string;
}

/** Regions are shared by two clusters each, as in a fleet. */
function clusterSpecs(count: number): string {
  return Array.from({ length: count }, (_none, index) => `c-${index + 1}:region-${Math.floor(index / 2) + 1}:production`).join(",");
}

export async function openMeasuredStage({ clusters, signal, profileDir }: StageOptions): Promise<MeasuredStage> {
  const dir = await mkdtemp(join(tmpdir(), "sightline-bench-"));
  // Parts inherit the environment: the measuring folder, and where Node writes profiles when a process ends.
  process.env[MEASURE_DIR] = dir;
  if (profileDir !== undefined) process.env["NODE_OPTIONS"] = `--cpu-prof --cpu-prof-interval=1000 --cpu-prof-dir=${profileDir}`;
  const programs = { hub: join(import.meta.dirname, "measured-hub.ts"), agent: join(import.meta.dirname, "measured-agent.ts") };
  const remove = (): Promise<void> => rm(dir, { recursive: true, force: true });
  try {
    const sandbox = await startSandbox({ dir: join(dir, "sandbox"), clusters: parseClusterSpecs(clusterSpecs(clusters)), programs, signal, onProgress: printer(process.stderr) });
    return {
      sandbox,
      hubPid: sandbox.part("hub-0").pid,
      agentPids: sandbox.state.agents.map(({ name }) => sandbox.part(name).pid),
      loop: async (pid, from, to) => (await samplesOf(loopFile(dir, pid))).filter(({ at }) => at >= from && at <= to),
      [Symbol.asyncDispose]: async () => {
        await sandbox.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function samplesOf(file: string): Promise<LoopSample[]> {
  const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
  return lines.map((line): unknown => JSON.parse(line)).filter((value): value is LoopSample => isLoopSample(value));
}

function isLoopSample(value: unknown): value is LoopSample {
  return typeof value === "object" && value !== null && "at" in value && "p99" in value && "max" in value;
}
