import type { PairState, ProbeResult } from "@sightline/shared/wire";

export type { PairState } from "@sightline/shared/wire";

/** What a message says beside the result itself. Milliseconds. */
export interface Reception {
  /** When the server stored the message; not later than it is read, whatever the server says. */
  storedAt: number;
  /** Agent's clock minus hub's clock. */
  clockOffsetMs: number;
}

/** A result as the hub keeps it. Its time is the agent's, brought to the hub's clock, and never later than its arrival. */
export function pairOf(result: ProbeResult, { storedAt, clockOffsetMs }: Reception): PairState {
  const { checkHash, agentEpoch, sequence, success, statusCode, durationMs, phases, error, certificateExpiresAt } = result;
  return {
    checkHash,
    agentEpoch,
    sequence,
    endedAt: Math.min(Math.round(result.endedAt - clockOffsetMs), storedAt),
    success,
    statusCode,
    durationMs,
    phases,
    ...(error === undefined ? {} : { error }),
    ...(certificateExpiresAt === undefined ? {} : { certificateExpiresAt }),
  };
}

/** Positive when `a` comes after `b` in its agent's own order; time plays no part in it. */
export function compareResults(a: Pick<PairState, "agentEpoch" | "sequence">, b: Pick<PairState, "agentEpoch" | "sequence">): number {
  return a.agentEpoch - b.agentEpoch || a.sequence - b.sequence;
}

/** The state after one more result: the newer one of both. A duplicate, late or reordered result changes nothing. */
export function nextPair(known: PairState | undefined, arrived: PairState): PairState {
  return known !== undefined && compareResults(arrived, known) <= 0 ? known : arrived;
}

/** Whether the outcome (not only its time), or what damping makes of it, is another one: then the verdict may change at once. */
export function isChange(before: PairState | undefined, after: PairState): boolean {
  if (before === undefined || before.checkHash !== after.checkHash) return true;
  return before.success !== after.success || before.damping?.passed !== after.damping?.passed || before.error?.message !== after.error?.message || before.statusCode !== after.statusCode;
}

/** A failed result's sentence. A wrong status speaks for itself; every other error begins with its code. */
export function errorText({ error }: Pick<PairState, "error">): string | undefined {
  if (error === undefined) return undefined;
  return error.code === "UNEXPECTED_STATUS" ? error.message : `${error.code}: ${error.message}`;
}
