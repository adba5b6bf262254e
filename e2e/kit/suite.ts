import { afterAll } from "vitest";
import { type Need, needsServers } from "../sandbox/test-needs.ts";
import type { Stage } from "./sandbox.ts";

/**
 * Opens a stage and prepares it before all tests of a suite, and closes it after them, also when preparing it failed.
 * Without what it needs its tests are skipped, with the reason.
 */
export function withStage(open: () => Promise<Stage>, prepare: (stage: Stage) => Promise<void>, needs: Need = needsServers): void {
  let stage: Stage | undefined;
  needs(async () => {
    stage = await open();
    await prepare(stage);
  });
  afterAll(async () => await stage?.[Symbol.asyncDispose]());
}
