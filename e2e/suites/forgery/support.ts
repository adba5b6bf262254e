import { randomShare, systemClock } from "@sightline/shared";
import { signMessage, type SigningKey } from "@sightline/shared/identity";
import { type BatchMessage, commitBatch, type NatsConnection, StreamReader } from "@sightline/shared/nats";
import { digestShare, SetDigest, type StreamMessage } from "@sightline/shared/protocol";
import { type Assignment, ASSIGNMENT_STREAM, assignmentSubject, type Check, checkHash, encodeAssignment, encodeHead, headSubject, parseAssignmentSubject } from "@sightline/shared/wire";
import { connectAsHub } from "../../kit/hub-nats.ts";
import type { Sandbox } from "../../sandbox/mod.ts";
import { CLUSTERS } from "../repair/support.ts";

/** Monitors that nobody made. */
export const TRAP_UIDS = [1, 2, 3].map((number) => `66666666-0000-4000-8000-00000000000${number}`);

/** By cluster. */
export type Heads = ReadonlyMap<string, StreamMessage>;

export interface Forgery {
  /** What the forger would have probed. */
  url: string;
  epoch: number;
  /** A key to sign with, or signatures seen elsewhere; undefined: heads are not signed at all. */
  signatures: SigningKey | Heads | undefined;
}

/** Writes, as who may do anything in NATS, whole sets of one's own: what was stored before is gone, heads fit, nothing lacks but the hub's key. */
export async function forgeStore(sandbox: Sandbox, forgery: Forgery): Promise<void> {
  const connection = await connectAsHub(sandbox);
  await connection.request(`$JS.API.STREAM.PURGE.${ASSIGNMENT_STREAM}`);
  for (const cluster of CLUSTERS) {
    const outcome = await commitBatch(connection, forgedSet(cluster, forgery), 5000);
    if (outcome.kind !== "committed") throw new Error(`the forger's batch was not stored: ${JSON.stringify(outcome)}`);
  }
  await connection.close();
}

function forgedSet(cluster: string, { url, epoch, signatures }: Forgery): BatchMessage[] {
  const assignments = TRAP_UIDS.map((uid) => ({ subject: assignmentSubject(cluster, uid), payload: encodeAssignment(trap(uid, url)) }));
  const digest = new SetDigest();
  for (const { subject, payload } of assignments) digest.add(digestShare(subject, payload));
  const subject = headSubject(cluster);
  const payload = encodeHead(cluster, { epoch, generation: 1, ...digest.summary, settings: { region: "", heartbeatIntervalMs: 1000, egress: { allow: ["127.0.0.0/8"], deny: [] } } });
  const signature = signatureOf(signatures, { cluster, subject, payload });
  return [...assignments, { subject, payload, ...(signature === undefined ? {} : { signature }) }];
}

function signatureOf(signatures: Forgery["signatures"], { cluster, subject, payload }: { cluster: string; subject: string; payload: Uint8Array }): string | undefined {
  if (signatures === undefined) return undefined;
  return "sign" in signatures ? signMessage(signatures, subject, payload) : signatures.get(cluster)?.signature;
}

function trap(uid: string, url: string): Assignment {
  const check: Check = { url, method: "GET", headers: {}, intervalMs: 1000, timeoutMs: 1000, expectedStatuses: ["200"], redirects: { follow: true, max: 10 }, connection: "Fresh" };
  return { uid, namespace: "default", name: `trap-${uid.slice(-1)}`, checkHash: checkHash(check), check, suspend: false };
}

/** Every head that is stored now, as it is. */
export async function storedHeads(sandbox: Sandbox): Promise<Heads> {
  const connection = await connectAsHub(sandbox);
  try {
    return await readHeads(connection);
  } finally {
    await connection.close();
  }
}

async function readHeads(connection: NatsConnection): Promise<Heads> {
  const heads = new Map<string, StreamMessage>();
  const read = Promise.withResolvers<void>();
  const reader = new StreamReader(
    { connection, stream: ASSIGNMENT_STREAM, clock: systemClock, random: randomShare, checkIntervalMs: 60_000, onError: read.reject },
    {
      position: () => undefined,
      begin: () => heads.clear(),
      message: (message) => {
        const key = parseAssignmentSubject(message.subject);
        if (key?.kind === "head" && message.payload !== null) heads.set(key.cluster, message);
      },
      caughtUp: read.resolve,
    },
  );
  reader.start();
  await read.promise;
  await reader.stop();
  return heads;
}
