import { createHash } from "node:crypto";
import type { Assignment } from "../wire/assignment.ts";
import { encodeAssignment } from "../wire/assignment.ts";
import { type Check, checkHash } from "../wire/check.ts";
import { encodeHead, type Head, type Position } from "../wire/head.ts";
import { assignmentSubject, headSubject } from "../wire/subjects.ts";
import { digestShare, SetDigest } from "./set-digest.ts";
import { AssignmentMirror } from "./mirror.ts";
import type { IsAuthentic, StreamMessage } from "./staging.ts";

/** Builders for the tests of this folder. */

export const SETTINGS = { region: "eu-west-1", heartbeatIntervalMs: 10_000 };

/** Stands for the hub's signature, which takes longer: tests of the protocol need one that is right or wrong, no secret. */
export function sign(subject: string, payload: Uint8Array): string {
  return createHash("sha256").update(`hub ${subject} `).update(payload).digest("base64");
}

export const isAuthentic: IsAuthentic = ({ subject, payload, signature }) => payload !== null && signature === sign(subject, payload);

/** A picture of the stream after it has been read. */
export function mirrorOf(...messages: readonly StreamMessage[]): AssignmentMirror {
  const mirror = new AssignmentMirror(isAuthentic);
  for (const message of messages) mirror.apply(message);
  mirror.vouch();
  return mirror;
}

export function uidOf(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
}

/** Monitor `n` in its version `version`. */
export function assignment(n: number, version = 1): Assignment {
  const check: Check = {
    url: `http://target/${version}`,
    method: "GET",
    headers: {},
    intervalMs: 30_000,
    timeoutMs: 5000,
    expectedStatuses: ["200"],
    redirects: { follow: true, max: 10 },
    connection: "Fresh",
  };
  return { uid: uidOf(n), namespace: "default", name: `m${n}`, checkHash: checkHash(check), check, suspend: false };
}

export function put(sequence: number, cluster: string, n: number, version = 1): StreamMessage {
  return { subject: assignmentSubject(cluster, uidOf(n)), sequence, payload: encodeAssignment(assignment(n, version)) };
}

export function deleted(sequence: number, cluster: string, n: number): StreamMessage {
  return { subject: assignmentSubject(cluster, uidOf(n)), sequence, payload: null };
}

export function headOver(messages: readonly StreamMessage[], { epoch, generation }: Position): Head {
  const digest = new SetDigest();
  for (const { subject, payload } of messages) if (payload !== null) digest.add(digestShare(subject, payload));
  return { epoch, generation, ...digest.summary, settings: SETTINGS };
}

/** The stored head that sums up these messages. */
export function head(sequence: number, cluster: string, messages: readonly StreamMessage[], position: Position): StreamMessage {
  return signed({ subject: headSubject(cluster), sequence, payload: encodeHead(cluster, headOver(messages, position)) });
}

/** The same head, as somebody stores it who has not got the hub's key. */
export function forged(message: StreamMessage): StreamMessage {
  return { ...message, signature: sign("another subject", message.payload ?? new Uint8Array()) };
}

/** A message with the hub's signature, whatever it says. */
export function signed(message: StreamMessage & { payload: Uint8Array }): StreamMessage {
  return { ...message, signature: sign(message.subject, message.payload) };
}

export function rubbish(sequence: number, subject: string): StreamMessage & { payload: Uint8Array } {
  return { subject, sequence, payload: new TextEncoder().encode("{") };
}
