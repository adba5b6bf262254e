import { systemClock } from "@sightline/shared";
import { newSigningKey, type SigningKey } from "@sightline/shared/identity";
import { connectNats, credsFile, type NatsConnection, signedHeaders } from "@sightline/shared/nats";
import { silentLogger } from "@sightline/shared/telemetry";
import { checkHash, encodeResultBatch, partitionOf, type ProbeResult, resultEvent, resultSubject } from "@sightline/shared/wire";

import { PlanRegistry } from "../../../hub/src/monitors/registry.ts";
import { distrustOf } from "../../../hub/src/agents/agent-signature.ts";
import { ResultPipeline } from "../../../hub/src/results/pipeline.ts";
import { ResultStore } from "../../../hub/src/results/store.ts";
import { CHECK, planOver, resultOf } from "../../../hub/src/results/testing.ts";
import { registration } from "../../../hub/src/testing/objects.ts";
import { at } from "../../kit/json.ts";
import { waitUntil } from "../../kit/wait.ts";
import { type Bench, uidOf } from "../assignments/support.ts";

export const CLUSTERS = ["eu-1", "us-1"];
/** Each cluster's agent has enrolled with its key. */
const KEYS = new Map(CLUSTERS.map((cluster) => [cluster, newSigningKey("agent").key]));
export const HUB_KEY = newSigningKey("hub").key;
const REGISTRATIONS = new Map(CLUSTERS.map((cluster) => [cluster, registration(cluster, { status: { publicKey: keyOf(cluster).publicKey } })]));
export const UIDS = Array.from({ length: 8 }, (_none, index) => uidOf(index + 1));

export interface Sent {
  cluster: string;
  result: ProbeResult;
  source?: string;
}

export interface Hub {
  pipeline: ResultPipeline;
  store: ResultStore;
  changes: string[];
  lost: number[];
  settleAll(): void;
  /** Ends it in good order. */
  stop(): Promise<void>;
  /** Cuts its connection first, as a crash does: what was not written stays unwritten. */
  kill(): Promise<void>;
  /** How often something was counted: "ingested", "parked", or a reason to drop. */
  count(what: string): number;
}

const hubs: { pipeline: ResultPipeline; connection: NatsConnection }[] = [];

/** To be called after each test. */
export async function stopHubs(): Promise<void> {
  for (const { pipeline, connection } of hubs.splice(0)) {
    await pipeline.stop();
    await connection.close();
  }
}

/** The results side of a hub, caught up. Statuses are taken for written at once. */
export async function startHub(bench: Bench): Promise<Hub> {
  const { url, caFile, hubCredsFile } = bench.nats().nats;
  const connection = await connectNats({ servers: [url], caFile, credentials: credsFile(hubCredsFile), name: "hub" });
  const registry = new PlanRegistry();
  for (const uid of UIDS) registry.put(planOver(CLUSTERS, { uid, name: `m-${uid.slice(-2)}` }));
  const tally = new Map<string, number>();
  const count = (what: string): void => void tally.set(what, (tally.get(what) ?? 0) + 1);
  const store = new ResultStore(registry, () => true);
  const [changes, lost]: [string[], number[]] = [[], []];
  const pipeline = new ResultPipeline({
    connection,
    clock: systemClock,
    random: Math.random,
    log: { ...silentLogger, info: () => count("told at info"), debug: () => count("told at debug") },
    store,
    liveness: { get: () => undefined },
    traces: {
      process: (_event, offer, tell) => {
        count("traced");
        tell(offer());
      },
    },
    distrust: (cluster, message) => distrustOf(REGISTRATIONS.get(cluster), message),
    counters: { ingested: () => count("ingested"), dropped: (reason) => count(reason), parked: () => count("parked"), refused: (reason) => count(reason) },
    onChange: ({ uid }) => {
      changes.push(uid);
      store.settled(uid, store.lastChange(uid));
    },
    onCaughtUp: () => undefined,
    onLost: (partition) => lost.push(partition),
    owner: crypto.randomUUID(),
    signing: HUB_KEY,
    checkIntervalMs: 100,
    checkpointIntervalMs: 50,
    timeoutMs: 2000,
    deafGraceMs: 300_000,
  });
  const partitions = new Set(UIDS.map((uid) => partitionOf(uid)));
  pipeline.own(partitions);
  await waitUntil({ what: "the hub to catch up", timeoutMs: 10_000, everyMs: 5 }, () => pipeline.caughtUp);
  hubs.push({ pipeline, connection });
  return {
    pipeline,
    store,
    changes,
    lost,
    settleAll: () => UIDS.forEach((uid) => store.settled(uid, store.lastChange(uid))),
    stop: async () => {
      await pipeline.stop();
      await connection.close();
    },
    kill: async () => {
      await connection.close();
      await pipeline.stop();
    },
    count: (what) => tally.get(what) ?? 0,
  };
}

export function history(count: number): Sent[] {
  return Array.from({ length: count }, (_none, index) => {
    const uid = UIDS[index % UIDS.length] ?? "";
    return { cluster: CLUSTERS[Math.floor(index / UIDS.length) % 2] ?? "", result: probe(uid, index + 1, index % 3 !== 0) };
  });
}

export function probe(uid: string, sequence: number, success: boolean): ProbeResult {
  const error = success ? {} : { error: { code: "TIMEOUT", message: `timeout ${sequence}` } };
  return resultOf({ uid, sequence, success, checkHash: checkHash(CHECK), endedAt: Date.now(), scheduledAt: Date.now(), ...error });
}

export async function publish(connection: NatsConnection, { cluster, result, source }: Sent): Promise<void> {
  await send(connection, cluster, resultSubject(partitionOf(result.uid), cluster), encodeResultBatch([resultEvent(source ?? cluster, result)]));
}

/** Publishes with the signature of the agent of cluster `signer`. */
export async function send(connection: NatsConnection, signer: string, subject: string, payload: Uint8Array): Promise<void> {
  await connection.request(subject, payload, { timeout: 5000, headers: signedHeaders(keyOf(signer), subject, payload) });
}

export function keyOf(cluster: string): SigningKey {
  const key = KEYS.get(cluster);
  if (key === undefined) throw new Error(`${cluster} has no agent`);
  return key;
}

export function isKnown(store: ResultStore, { cluster, result }: Sent): boolean {
  return (store.pairs(result.uid).get(cluster)?.sequence ?? 0) >= result.sequence;
}

export async function streamInfo(connection: NatsConnection, stream: string, field: string): Promise<unknown> {
  return at((await connection.request(`$JS.API.STREAM.INFO.${stream}`)).json<unknown>(), "state", field);
}
