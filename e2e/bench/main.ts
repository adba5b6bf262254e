import { mkdir } from "node:fs/promises";
import { loadavg } from "node:os";
import { resolve } from "node:path";
import { duration, whole } from "@sightline/shared/flags";
import { Command } from "commander";
import { change } from "./change.ts";
import { load } from "./load.ts";
import { type Figure, renderFigures, renderMachine } from "./report.ts";
import { telemetry } from "./telemetry.ts";

interface Common {
  clusters: number;
  profile?: string;
  limit: number;
}

interface LoadFlags extends Common {
  monitors: number;
  interval: number;
  window?: number;
}

interface ChangeFlags extends Common {
  changes: number;
}

const program = new Command("bench").description("Measures the product on a sandbox of its own, over the loopback only, and ends everything it started. Prints Markdown.");

withCommon(program.command("load").description("many monitors at once: time to their first verdicts, then writes, bytes, ages, memory and CPU of the steady state"))
  .option("--monitors <n>", "how many", whole(), 2000)
  .option("--interval <duration>", "of each", duration, 30_000)
  .option("--window <duration>", "how long the steady state is measured (default: 2m, or the refresh period and a fifth where that is longer)", duration)
  .action((flags: LoadFlags) => {
    const windowMs = flags.window ?? Math.max(120_000, (flags.monitors / 50) * 1200);
    return run("load", flags, (common) => load({ ...common, monitors: flags.monitors, intervalMs: flags.interval, windowMs }));
  });

withCommon(program.command("change").description("how long a change takes to its first probe in every cluster, and a result to a watcher of the status"))
  .option("--changes <n>", "how many of each", whole(), 200)
  .action((flags: ChangeFlags) => run("change", flags, (common) => change({ ...common, changes: flags.changes })));

program.command("telemetry").description("what traces cost where they are off and on, and what rendering /metrics costs; without a sandbox")
  .option("--limit <duration>", "give up after this long", duration, 300_000)
  .action(({ limit }: { limit: number }) => run("telemetry", { clusters: 0, limit }, telemetry));

function withCommon(command: Command): Command {
  return command
    .option("--clusters <n>", "member clusters", whole(), 3)
    .option("--profile <dir>", "write CPU profiles of hub and agents there")
    .option("--limit <duration>", "give up after this long", duration, 1_800_000);
}

interface Bench {
  clusters: number;
  signal: AbortSignal;
  profileDir?: string;
  note: (text: string) => void;
}

async function run(name: string, { clusters, profile, limit }: Common, measure: (bench: Bench) => Promise<Figure[]>): Promise<void> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort(new Error(`ended by ${signal}`)));
  const timeUp = setTimeout(() => stop.abort(new Error(`it took longer than ${limit / 1000} s`)), limit);
  const loadBefore = loadavg();
  try {
    if (profile !== undefined) await mkdir(resolve(profile), { recursive: true });
    const bench: Bench = { clusters, signal: stop.signal, note: (text) => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`) };
    const figures = await measure(profile === undefined ? bench : { ...bench, profileDir: resolve(profile) });
    console.log(`\`pnpm bench ${[name, ...process.argv.slice(3)].join(" ")}\`\n\n${renderMachine(loadBefore)}\n\n${renderFigures(figures)}`);
  } finally {
    clearTimeout(timeUp);
  }
}

/** A wait that was aborted says only that it was: why, stands in its cause. */
function why(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return error.name === "AbortError" && error.cause instanceof Error ? error.cause.message : error.message;
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(why(error));
  process.exitCode = 1;
}
