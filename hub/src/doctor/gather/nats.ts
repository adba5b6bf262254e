import type { Clock } from "@sightline/shared";
import { credsFile, inspectNats, type NatsInspector } from "@sightline/shared/nats";
import { AGENT_ORDINAL } from "@sightline/shared/wire";
import type { ClockReading } from "../checks/clock.ts";
import type { NatsFacts } from "../facts.ts";
import { isDenied, type Looked } from "../finding.ts";
import { look, lookWith, unseen } from "./looking.ts";

export interface NatsLook {
  servers: string[];
  credsFile: string;
  caFile: string | undefined;
  /** Undefined: as many as there are. */
  replicas: number | undefined;
  clock: Clock;
  /** How long connecting, and each answer, may take. Milliseconds. */
  timeoutMs: number;
}

/** Looks at NATS as the user of that key. Never throws: what cannot be seen says why. */
export async function lookAtNats(options: NatsLook | undefined, clusters: Looked<readonly string[]>): Promise<NatsFacts> {
  if (options === undefined) return nothing(unseen("--nats-url was not given"));
  const { servers, credsFile: file, caFile, timeoutMs } = options;
  const opened = await look(inspectNats({ servers, credentials: credsFile(file), timeoutMs, name: "sightline-doctor", ...(caFile === undefined ? {} : { caFile }) }));
  if (!opened.seen) return { ...nothing(unseen("NATS cannot be reached")), server: opened };
  const inspector = opened.value;
  try {
    return await inspect(inspector, options, clusters);
  } finally {
    await inspector.close();
  }
}

async function inspect(inspector: NatsInspector, { replicas, clock }: NatsLook, clusters: Looked<readonly string[]>): Promise<NatsFacts> {
  const server: NatsFacts["server"] = { seen: true, value: inspector.server };
  const account = await look(inspector.account());
  if (isDenied(account)) return { ...nothing(unseen("this key may not look: see nats.jetstream")), server, account };
  const askedAt = clock.now();
  const streams = await look(inspector.streams(replicas));
  const answeredAt = clock.now();
  const said = streams.seen ? streams.value.find(({ saidAt }) => saidAt !== undefined)?.saidAt : undefined;
  return {
    server,
    account,
    streams,
    consumers: await lookWith(clusters, (names) => inspector.consumers(names, AGENT_ORDINAL)),
    heads: await lookWith(clusters, (names) => inspector.heads(names)),
    clock: clockOf(said, { askedAt, answeredAt }),
  };
}

function clockOf(theirs: number | undefined, times: Pick<ClockReading, "askedAt" | "answeredAt">): Looked<ClockReading> {
  return theirs === undefined ? unseen("it has not said its time") : { seen: true, value: { ...times, theirs, resolutionMs: 0 } };
}

function nothing(rest: ReturnType<typeof unseen>): NatsFacts {
  return { server: rest, account: rest, streams: rest, consumers: rest, heads: rest, clock: rest };
}
