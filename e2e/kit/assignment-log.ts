import { randomShare, systemClock } from "@sightline/shared";
import { StreamReader } from "@sightline/shared/nats";
import { digestShare, SetDigest } from "@sightline/shared/protocol";
import { ASSIGNMENT_STREAM, type Head, parseAssignmentSubject, parseHead } from "@sightline/shared/wire";
import type { Sandbox } from "../sandbox/mod.ts";
import { connectAsHub } from "./hub-nats.ts";

/** What NATS stores for one cluster. */
export interface StoredSet {
  uids: Set<string>;
  head: Head | undefined;
  /** Head and assignments add up. */
  whole: boolean;
}

interface Collected {
  head: Head | undefined;
  assignments: Map<string, { subject: string; payload: Uint8Array }>;
}

/** The assignments of every cluster as NATS stores them right now. @throws when the stream is not there. */
export async function storedAssignments(sandbox: Sandbox): Promise<Map<string, StoredSet>> {
  const connection = await connectAsHub(sandbox);
  const clusters = new Map<string, Collected>();
  const read = Promise.withResolvers<void>();
  const reader = new StreamReader(
    { connection, stream: ASSIGNMENT_STREAM, clock: systemClock, random: randomShare, checkIntervalMs: 60_000, onError: read.reject },
    {
      position: () => undefined,
      begin: () => clusters.clear(),
      message: ({ subject, payload }) => collect(clusters, subject, payload),
      caughtUp: read.resolve,
    },
  );
  reader.start();
  try {
    await read.promise;
    return new Map([...clusters].map(([cluster, collected]) => [cluster, summed(collected)]));
  } finally {
    await reader.stop();
    await connection.close();
  }
}

function collect(clusters: Map<string, Collected>, subject: string, payload: Uint8Array | null): void {
  const key = parseAssignmentSubject(subject);
  if (key === undefined) return;
  const found = clusters.get(key.cluster) ?? { head: undefined, assignments: new Map<string, { subject: string; payload: Uint8Array }>() };
  clusters.set(key.cluster, found);
  if (key.kind === "head") found.head = payload === null ? undefined : headIn(payload);
  else if (payload === null) found.assignments.delete(key.uid);
  else found.assignments.set(key.uid, { subject, payload });
}

function headIn(payload: Uint8Array): Head | undefined {
  try {
    return parseHead(payload);
  } catch {
    return undefined;
  }
}

function summed({ head, assignments }: Collected): StoredSet {
  const digest = new SetDigest();
  for (const { subject, payload } of assignments.values()) digest.add(digestShare(subject, payload));
  const { count, checksum } = digest.summary;
  return { uids: new Set(assignments.keys()), head, whole: head !== undefined && head.count === count && head.checksum === checksum };
}
