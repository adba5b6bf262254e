import type { Command } from "commander";
import { duration, flag } from "@sightline/shared/flags";

/** When something counts as a leak. Milliseconds. */
export interface LeakConfig {
  /** Between two looks. */
  intervalMs: number;
  /** How long something must have been so: what is in the middle of its work is no leak. */
  ageMs: number;
}

export interface LeakFlags {
  leakInterval: number;
  leakAge: number;
}

export function addLeakFlags(command: Command): Command {
  return command
    .addOption(flag("--leak-interval <duration>", "how often leaks are looked for: orphaned objects, stuck finalizers").argParser(duration).default(300_000, "5m"))
    .addOption(flag("--leak-age <duration>", "how long something must have been orphaned or stuck before it counts as a leak").argParser(duration).default(600_000, "10m"));
}

export function readLeaks({ leakInterval, leakAge }: LeakFlags): LeakConfig {
  return { intervalMs: leakInterval, ageMs: leakAge };
}
