import type { Heartbeat } from "@sightline/shared/wire";

/** The heartbeat of an agent that holds generation 1 of epoch 1. */
export function heartbeat(change: Partial<Heartbeat> = {}): Heartbeat {
  return {
    agentEpoch: 1,
    sequence: 1,
    sentAt: 0,
    agentVersion: "0.1.0",
    heartbeatIntervalMs: 10_000,
    held: { epoch: 1, generation: 1, count: 2, checksum: "0".repeat(64) },
    probesPerSecond: 0.5,
    outbox: { queued: 0, lost: 0 },
    assignmentResets: 0,
    ...change,
  };
}
