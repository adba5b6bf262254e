import { messageOf } from "@sightline/shared";
import { BATCH_TOO_LARGE, commitBatch, type NatsConnection, storedMessage, WRONG_LAST_SEQUENCE } from "@sightline/shared/nats";
import type { BatchPlan } from "@sightline/shared/protocol";
import { ASSIGNMENT_STREAM } from "@sightline/shared/wire";

export type TransactionOutcome =
  /** All of it stands; the last message has this stream sequence. */
  | { kind: "committed"; lastSequence: number }
  /** A head is not the expected one: somebody else wrote, or the store lost something. */
  | { kind: "conflict"; description: string }
  | { kind: "too-large"; description: string }
  | { kind: "refused"; description: string }
  /** The answer was lost, and what is stored is not ours: the picture must be read again. */
  | { kind: "absent"; description: string }
  /** The answer was lost, and asking for the truth failed too. */
  | { kind: "unsettled"; description: string };

/** Commits a plan as one atomic batch. A lost answer is settled by reading what is stored, never by a blind retry. */
export async function transact(connection: NatsConnection, plan: BatchPlan, timeoutMs: number): Promise<TransactionOutcome> {
  const outcome = await commitBatch(connection, plan.messages, timeoutMs);
  if (outcome.kind === "committed") return outcome;
  if (outcome.kind === "unknown") return settle(connection, plan, outcome);
  const { code, description } = outcome;
  if (code === WRONG_LAST_SEQUENCE) return { kind: "conflict", description };
  return { kind: code === BATCH_TOO_LARGE ? "too-large" : "refused", description };
}

/** The batch's last message carries its ID: it stands exactly when the whole batch does, and was not overwritten since. */
async function settle(connection: NatsConnection, plan: BatchPlan, lost: { batchId: string; cause: string }): Promise<TransactionOutcome> {
  const subject = plan.messages.at(-1)?.subject ?? "";
  try {
    const stored = await storedMessage(connection, ASSIGNMENT_STREAM, { subject });
    if (stored?.batchId === lost.batchId) return { kind: "committed", lastSequence: stored.sequence };
    return { kind: "absent", description: lost.cause };
  } catch (error) {
    return { kind: "unsettled", description: messageOf(error) };
  }
}
