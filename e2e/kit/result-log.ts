import { randomShare, systemClock } from "@sightline/shared";
import { connectNats, StreamReader } from "@sightline/shared/nats";
import { parseResultBatch, type ProbeResult, RESULT_STREAM } from "@sightline/shared/wire";
import type { Sandbox } from "../sandbox/mod.ts";

/** Every result that NATS stores right now, in the order in which it was stored. */
export async function storedResults(sandbox: Sandbox): Promise<ProbeResult[]> {
  const { nats, natsHub } = sandbox.state;
  const connection = await connectNats({ servers: [...nats], seedFile: natsHub.seedFile, caFile: natsHub.ca, name: "test" });
  const results: ProbeResult[] = [];
  const read = Promise.withResolvers<void>();
  const reader = new StreamReader(
    { connection, stream: RESULT_STREAM, clock: systemClock, random: randomShare, checkIntervalMs: 60_000, onError: read.reject },
    {
      position: () => undefined,
      begin: () => void results.splice(0),
      message: ({ payload }) => void results.push(...parseResultBatch(payload ?? new Uint8Array()).events.map(({ data }) => data)),
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
