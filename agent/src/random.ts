import { randomInt } from "node:crypto";

const STEPS = 2 ** 32;

/** A random share in [0, 1). Passed in wherever chance is needed, so that tests can choose it. */
export function randomShare(): number {
  return randomInt(STEPS) / STEPS;
}
