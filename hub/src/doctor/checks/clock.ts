import { formatDuration } from "@sightline/shared";
import { Check, type Finding, type Looked } from "../finding.ts";

/** Another machine's clock, read by a request. Milliseconds since the Unix epoch. */
export interface ClockReading {
  /** By this machine's clock, before the request left and after the answer came. */
  askedAt: number;
  answeredAt: number;
  /** What the other one said. */
  theirs: number;
  /** By so much `theirs` may be too small: an HTTP Date has whole seconds. */
  resolutionMs: number;
}

/** The offset (theirs minus ours) lies between these two. Milliseconds. */
export interface OffsetBounds {
  least: number;
  most: number;
}

/** As the hub's own limit for agents (ClockSynced). Milliseconds. */
const MAX_OFFSET_MS = 2000;

/** The other clock was read at some moment between asking and the answer: that is all that is known. */
export function offsetBounds({ askedAt, answeredAt, theirs, resolutionMs }: ClockReading): OffsetBounds {
  return { least: theirs - answeredAt, most: theirs + resolutionMs - askedAt };
}

/** One clock against this machine's. It is only called wrong when it must be. */
export function checkClock(whose: string, looked: Looked<ClockReading>): Finding[] {
  const check = new Check("clock.offset");
  if (!looked.seen) return check.unchecked(looked.why, { where: whose }).findings;
  const { least, most } = offsetBounds(looked.value);
  const limit = formatDuration(MAX_OFFSET_MS);
  const more = { where: whose, advice: "Let all machines follow one time source (NTP). Verdicts bear it; certificates, tokens and logs do not." };
  if (least > MAX_OFFSET_MS) return check.warning(`its clock is at least ${formatDuration(least)} ahead of this machine's, over ${limit}`, more).findings;
  if (most < -MAX_OFFSET_MS) return check.warning(`its clock is at least ${formatDuration(-most)} behind this machine's, over ${limit}`, more).findings;
  if (most - least > 2 * MAX_OFFSET_MS) return check.unchecked(`its answer took ${formatDuration(Math.round(most - least))}, too long to compare clocks by`, { where: whose }).findings;
  return check.ok(`its clock agrees with this machine's, within ${formatDuration(Math.round(Math.max(Math.abs(least), Math.abs(most))))}`, { where: whose }).findings;
}
