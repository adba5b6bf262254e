import { randomShare, systemClock } from "@sightline/shared";
import { connectNats, credsFile, StreamReader } from "@sightline/shared/nats";
import { parseResultBatch, parseResultSubject, type ProbeResult, RESULT_STREAM } from "@sightline/shared/wire";
import type { Sandbox } from "../sandbox/mod.ts";

/** A result, and the cluster whose agent sent it. */
export type LoggedResult = ProbeResult & { cluster: string };

/** Every result that NATS stores right now, in the order in which it was stored. What is no batch of results is left out. */
export async function storedResults(sandbox: Sandbox): Promise<LoggedResult[]> {
  const { nats, natsHub } = sandbox.state;
  const connection = await connectNats({ servers: [...nats], credentials: credsFile(natsHub.credsFile), caFile: natsHub.ca, name: "test" });
  const results: LoggedResult[] = [];
  const read = Promise.withResolvers<void>();
  const reader = new StreamReader(
    { connection, stream: RESULT_STREAM, clock: systemClock, random: randomShare, checkIntervalMs: 60_000, onError: read.reject },
    {
      position: () => undefined,
      begin: () => void results.splice(0),
      message: ({ subject, payload }) => void results.push(...resultsIn(subject, payload)),
      caughtUp: read.resolve,
    },
  );
  reader.start();
  try {
    await read.promise;
    return results;
  } finally {
    await reader.stop();
    await connection.close();
  }
}

function resultsIn(subject: string, payload: Uint8Array | null): LoggedResult[] {
  const cluster = parseResultSubject(subject)?.cluster ?? "";
  try {
    return parseResultBatch(payload ?? new Uint8Array()).events.map(({ data }) => ({ ...data, cluster }));
  } catch {
    return [];
  }
}

/**
 * Pairs of probes of one check from one cluster that lie closer together than half an interval: nothing may be probed
 * twice per interval. A result that was published twice is one probe.
 */
export function probedTwice(results: readonly LoggedResult[], intervalMs: number): string[] {
  const probes = new Map(results.map((result) => [`${result.cluster} ${result.agentEpoch} ${result.sequence}`, result]));
  const byCheck = Map.groupBy(probes.values(), ({ uid, cluster, checkHash }) => `${cluster} ${uid} ${checkHash}`);
  const found: string[] = [];
  for (const [check, list] of byCheck) {
    const times = list.map(({ scheduledAt }) => scheduledAt).toSorted((a, b) => a - b);
    for (const [index, at] of times.entries()) {
      const before = times[index - 1];
      if (before !== undefined && at - before < intervalMs / 2) found.push(`${check}: ${before} and ${at}`);
    }
  }
  return found;
}
