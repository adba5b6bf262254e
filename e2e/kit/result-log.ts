import { connectNats, readMessages } from "@sightline/shared/nats";
import { parseResultBatch, type ProbeResult, RESULT_STREAM } from "@sightline/shared/wire";
import type { Sandbox } from "../sandbox/mod.ts";

/** Every result that NATS stores right now, in the order in which it was stored. */
export async function storedResults(sandbox: Sandbox): Promise<ProbeResult[]> {
  const { state } = sandbox;
  const connection = await connectNats({ servers: [...state.nats], seedFile: state.natsHub.seedFile, caFile: state.natsHub.ca, name: "test" });
  try {
    const messages = await readMessages(connection, RESULT_STREAM);
    return messages.flatMap(({ payload }) => parseResultBatch(payload).events.map(({ data }) => data));
  } finally {
    await connection.close();
  }
}
