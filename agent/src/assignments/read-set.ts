import { messageOf } from "@sightline/shared";
import type { CompleteSet } from "@sightline/shared/protocol";
import { type Assignment, parseAssignment, parseAssignmentSubject, WireError } from "@sightline/shared/wire";

/** An assignment that can be probed. */
export interface RunnableCheck {
  assignment: Assignment;
  /** The reconcile that assigned it: the first probe is its child. */
  traceparent?: string;
}

/** A complete set, read. An assignment that cannot be read is not run, and never stops the others. */
export interface ReadSet {
  /** By UID. */
  checks: Map<string, RunnableCheck>;
  unreadable: { subject: string; reason: string }[];
}

/** Reads the stored bytes of a complete set. */
export function readSet(set: CompleteSet): ReadSet {
  const result: ReadSet = { checks: new Map(), unreadable: [] };
  for (const [subject, payload] of set.payloads) {
    try {
      const check = readAssignment(subject, payload);
      result.checks.set(check.assignment.uid, check);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      result.unreadable.push({ subject, reason: messageOf(error) });
    }
  }
  return result;
}

/** Payloads that were read before: a switch usually changes one of thousands, and keeps the other byte arrays. */
const known = new WeakMap<Uint8Array, { subject: string; check: RunnableCheck }>();

/** @throws WireError when the bytes are no assignment, or stand under another monitor's key. */
function readAssignment(subject: string, payload: Uint8Array): RunnableCheck {
  const before = known.get(payload);
  if (before?.subject === subject) return before.check;
  const { data: assignment, traceparent } = parseAssignment(payload);
  const key = parseAssignmentSubject(subject);
  if (key?.kind !== "assignment" || key.uid !== assignment.uid) {
    throw new WireError("INVALID_MESSAGE", "the assignment stands under another monitor's key");
  }
  const check = { assignment, ...(traceparent === undefined ? {} : { traceparent }) };
  known.set(payload, { subject, check });
  return check;
}
