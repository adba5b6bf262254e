import type { Heartbeat } from "@sightline/shared/wire";

/** What became of a heartbeat. */
export type Reception =
  | "accepted"
  /** Older than one that was taken already: delivered twice, late, or stored and sent again by somebody. */
  | "outdated"
  /** Its agent's clock is too far from the hub's to tell it from one that somebody held back. */
  | "skewed"
  /** From a name that no registration has, and there is no room to remember it; or of an agent epoch that cannot be. */
  | "refused";

/** What is known of a cluster when a heartbeat comes. */
export interface KnownAgent {
  last: Pick<Heartbeat, "agentEpoch" | "sequence" | "sentAt"> | undefined;
  available: boolean;
  /** Agent's clock, milliseconds: one that was sent earlier was heard before this hub began. Counts until the first is accepted. */
  heardUpTo: number;
}

/**
 * NATS is not trusted to deliver at once, and a heartbeat that was held back looks like one of a clock that is behind. So
 * beyond this offset it is no sign of life; within it, silence may be hidden for so long at most. Honest clocks are off by
 * less: with more, certificates and leases fail as well. Milliseconds.
 */
export const MAX_CLOCK_OFFSET_MS = 15 * 60_000;

/**
 * Agent epochs are wall clocks at start, or one more than the last one: an agent whose clock was ahead once keeps an epoch
 * ahead. One that is further ahead than this would outrank, for as long, an agent that takes its place. Milliseconds.
 */
const MAX_EPOCH_AHEAD_MS = 24 * 3_600_000;

/** @param nowMs hub's clock, as it is not NATS' to choose. */
export function isCredibleAgentEpoch(agentEpoch: number, nowMs: number): boolean {
  return agentEpoch <= nowMs + MAX_EPOCH_AHEAD_MS;
}

/** Order comes first: what was heard before says nothing about now, whatever time it names. Pure. */
export function receptionOf(heartbeat: Heartbeat, known: KnownAgent, nowMs: number): Reception {
  if (!isCredibleAgentEpoch(heartbeat.agentEpoch, nowMs)) return "refused";
  if (!isNew(heartbeat, known)) return "outdated";
  return Math.abs(heartbeat.sentAt - nowMs) > MAX_CLOCK_OFFSET_MS ? "skewed" : "accepted";
}

/**
 * An agent that lost its memory, and whose clock was set back, begins below its former epoch. While its cluster is silent it
 * is believed once its clock is past all that was heard: nothing that was recorded before is.
 */
function isNew(next: Heartbeat, { last, available, heardUpTo }: KnownAgent): boolean {
  if (last === undefined) return next.sentAt >= heardUpTo;
  if (next.agentEpoch === last.agentEpoch ? next.sequence > last.sequence : next.agentEpoch > last.agentEpoch) return true;
  return !available && next.sentAt > last.sentAt;
}
