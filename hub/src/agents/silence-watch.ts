import { type Clock, sleep } from "@sightline/shared";
import type { Heartbeats } from "./heartbeats.ts";

export interface SilenceWatchOptions {
  heartbeats: Pick<Heartbeats, "advance" | "nextDeadline" | "connectionLost" | "connectionRestored">;
  clock: Clock;
  /** Asks NATS for a sign of life; false when none came in time. */
  canHear: () => Promise<boolean>;
}

/** Milliseconds between two looks at most: a deadline that came nearer since is seen by then. */
const MAX_PAUSE_MS = 1000;

/**
 * Has silence judged when its time is up, until the signal aborts. Before anybody is called silent the hub makes sure
 * that it can hear: a connection that is dead without knowing it would make every cluster look silent at once.
 */
export async function watchSilence({ heartbeats, clock, canHear }: SilenceWatchOptions, signal: AbortSignal): Promise<void> {
  let deaf = false;
  while (!signal.aborted) {
    if (deaf || isDue(heartbeats.nextDeadline, clock)) {
      const hears = await canHear();
      if (!hears && !deaf) heartbeats.connectionLost();
      if (hears && deaf) heartbeats.connectionRestored();
      deaf = !hears;
      if (hears) heartbeats.advance();
    }
    const pause = (heartbeats.nextDeadline ?? Infinity) - clock.monotonic();
    await sleep(clock, Math.min(MAX_PAUSE_MS, Math.max(1, pause)), signal);
  }
}

function isDue(deadline: number | undefined, clock: Clock): boolean {
  return deadline !== undefined && deadline <= clock.monotonic();
}
