/** The command line `sightline`, run as a person does. */
import path from "node:path";

import { runGroup } from "./run.ts";
import type { Stage } from "./sandbox.ts";

const PROGRAM = path.join(import.meta.dirname, "../../hub/src/cli/main.ts");

export interface RunResult {
  status: number;
  /** All that was printed. */
  output: string;
}

/** Runs it against the stage's API server. */
export function sightline(stage: Pick<Stage, "sandbox">, ...words: string[]): Promise<RunResult> {
  return runSightline(PROGRAM, stage, words);
}

/** The same with another file of the program, such as a built bundle. */
export function runSightline(program: string, { sandbox }: Pick<Stage, "sandbox">, words: readonly string[]): Promise<RunResult> {
  return runGroup(process.execPath, [program, ...words], { cwd: sandbox.dir, env: { ...process.env, KUBECONFIG: sandbox.adminKubeconfig } });
}
