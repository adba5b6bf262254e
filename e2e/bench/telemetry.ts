import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "@sightline/shared";
import { formatTraceparent, newTrace, noTracer, startTracing, type Tracer } from "@sightline/shared/telemetry";
import { checkHash, type CloudEvent, partitionOf, type ProbeResult, resultEvent } from "@sightline/shared/wire";
import { ProbeRunner } from "../../agent/src/probe-runner.ts";
import { PlanRegistry } from "../../hub/src/monitors/registry.ts";
import { type Acceptance, ResultStore } from "../../hub/src/results/store.ts";
import { CHECK, planOver, resultOf, UID } from "../../hub/src/results/testing.ts";
import { ResultTraces } from "../../hub/src/telemetry/result-traces.ts";
import { RecordingLogger } from "../../hub/src/testing/recording-logger.ts";
import { renderingCost } from "./metrics-page.ts";
import type { Figure } from "./report.ts";
import { sdkCost } from "./sdk-cost.ts";
import { quantile, round } from "./statistics.ts";
import { startCountingTarget } from "./target.ts";

/** Of each of these the median counts: the first ones are still being compiled. */
const ROUNDS = 7;
/** Two spans of each result must fit into the queue of 4,096: what is dropped costs nothing. */
const ROUND_SIZE = 2000;
/** Longer than spans wait for company: a round ends when its spans are sent. */
const FLUSH_MS = 1200;
const CLUSTER = "eu-1";

/** A piece of work that is done many times; `traced` says whether its trace is kept. */
type Work = (tracer: Tracer) => (number: number) => void | Promise<void>;

export interface TelemetryOptions {
  signal: AbortSignal;
  note: (text: string) => void;
}

/** What it costs to be watched: each result and each probe without traces and with every trace kept, the SDK, and /metrics. */
export async function telemetry({ signal, note }: TelemetryOptions): Promise<Figure[]> {
  await using sink = await startCountingTarget();
  const url = `http://127.0.0.1:${sink.port}/v1/traces`;
  const logger = new RecordingLogger();
  note("results and probes, traces off and on");
  const traced = await startTracing({ config: { url, protocol: "http/protobuf" }, service: { name: "sightline-hub", version: "0.0.0" }, clock: systemClock, logger });
  const untraced = (): Promise<number> => cost(takingInBy((_event, offer) => void offer()), { flushMs: 0, signal });
  // The first time, what all of them use is still being compiled.
  await untraced();
  const bare = await untraced();
  const figures: Figure[] = [{ name: "a result taken in, as if there were no code for traces", value: `${round(bare)} µs of CPU` }];
  for (const [name, work, spans] of [["a result taken in", takingIn, 2], ["a probe, without the network", probing, 1]] as const) {
    const off = await cost(work(noTracer), { flushMs: 0, signal });
    const on = await cost(work(traced), { flushMs: FLUSH_MS, signal });
    figures.push({ name: `${name}, traces off`, value: `${round(off)} µs of CPU` }, { name: `${name}, trace kept (${spans === 1 ? "one span" : `${spans} spans`})`, value: `${round(on)} µs of CPU, ${round((on - off) / spans)} µs for each span` });
  }
  await traced.close(5000);
  figures.push({ name: "spans that were lost meanwhile", value: logger.lines.length === 0 ? "none" : "some: these figures are too low" });
  note("loading the SDK; rendering /metrics");
  return [...figures, ...(await sdkCost(url, signal)), ...(await renderingCost())];
}

/** The hub's part: one result after the other of one pair, as it comes from NATS. */
function takingIn(tracer: Tracer): (number: number) => void {
  const traces = new ResultTraces({ tracer, clock: systemClock, checkOf: () => CHECK });
  return takingInBy((event, offer) => traces.process(event, offer, () => undefined));
}

function takingInBy(process: (event: CloudEvent<ProbeResult>, offer: () => Acceptance) => void): (number: number) => void {
  const plans = new PlanRegistry();
  plans.put(planOver([CLUSTER]));
  const store = new ResultStore(plans, () => true);
  const origin = { partition: partitionOf(UID), cluster: CLUSTER, sequence: 1, storedAt: Date.now(), readAt: Date.now(), clockOffsetMs: 0 };
  const traceparent = formatTraceparent(newTrace(true));
  return (number) => {
    const event = resultEvent(CLUSTER, resultOf({ sequence: number + 1 }), traceparent);
    process(event, () => store.offer(event, origin));
  };
}

/** The agent's part: a probe that ends at once. */
function probing(tracer: Tracer): (number: number) => Promise<void> {
  const runner = new ProbeRunner({
    cluster: CLUSTER,
    agentEpoch: 1,
    userAgent: "bench",
    traceRatio: 1,
    tracer,
    clock: systemClock,
    random: Math.random,
    region: () => "eu-west-1",
    isCurrent: () => true,
    onResult: () => undefined,
    outbox: { add: () => undefined },
    secrets: { of: () => ({ values: {} }) },
    prober: { forget: () => undefined, probe: () => ({ outcome: Promise.resolve({ success: true, statusCode: 200, durationMs: 12, phases: { connect: 1 } }), cancel: () => undefined }) },
  });
  const item = { uid: UID, intervalMs: 1000, assignment: { uid: UID, namespace: "shop", name: "checkout", checkHash: checkHash(CHECK), check: CHECK, suspend: false } };
  return (number) => runner.start({ item, scheduledAt: number, first: false }).done;
}

/** Microseconds of this process' CPU for one piece of work, sending its spans included. */
async function cost(once: ReturnType<Work>, { flushMs, signal }: { flushMs: number; signal: AbortSignal }): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    for (let number = 0; number < ROUND_SIZE; number++) await once(round * ROUND_SIZE + number);
    if (flushMs > 0) await delay(flushMs, undefined, { signal });
    const { user, system } = process.cpuUsage(before);
    rounds.push((user + system) / ROUND_SIZE);
  }
  return quantile(rounds, 0.5);
}
