import { afterAll } from "vitest";
import { needsServers } from "../sandbox/test-needs.ts";
import type { Stage } from "./sandbox.ts";

/**
 * Opens a stage and prepares it before all tests of a suite, and closes it after them, also when preparing it failed.
 * Without the servers its tests are skipped, with the reason.
 */
export function withStage(open: () => Promise<Stage>, prepare: (stage: Stage) => Promise<void>): void {
  let stage: Stage | undefined;
  needsServers(async () => {
    stage = await open();
    await prepare(stage);
  });
  afterAll(async () => await stage?.[Symbol.asyncDispose]());
}
