import { connectNats, credsFile, type NatsConnection } from "@sightline/shared/nats";
import type { Sandbox } from "../sandbox/mod.ts";

/** A connection with the hub's own identity, which may read and write everything: for faults and looks behind the scenes. */
export function connectAsHub({ state: { nats, natsHub } }: Sandbox): Promise<NatsConnection> {
  return connectNats({ servers: [...nats], credentials: credsFile(natsHub.credsFile), caFile: natsHub.ca, name: "test" });
}
