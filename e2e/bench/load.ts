import { setTimeout as delay } from "node:timers/promises";
import { RESULT_STREAM } from "@sightline/shared/wire";
import got from "got";
import { waitUntil } from "../kit/wait.ts";
import { Fleet } from "./fleet.ts";
import type { LoopSample } from "./loop-delay.ts";
import { type Reading, read } from "./readings.ts";
import { against, type Figure } from "./report.ts";
import type { StreamSize } from "./servers.ts";
import { openMeasuredStage, type MeasuredStage } from "./stage.ts";
import { describeDistribution, distributionOf, quantile, round } from "./statistics.ts";
import { startCountingTarget } from "./target.ts";
import { watchMonitors } from "./watch.ts";

export interface LoadOptions {
  monitors: number;
  clusters: number;
  intervalMs: number;
  /** How long the steady state is measured. */
  windowMs: number;
  signal: AbortSignal;
  profileDir?: string;
  note: (text: string) => void;
}

/** Refreshes per second of a fleet of hubs, and what they may cost (CONTRACT 2, DESIGN 3.6). */
const REFRESH_BUDGET = 50;
const ETCD_BUDGET_BYTES = 2e6;
/** How long all first verdicts are waited for. */
const PATIENCE_MS = 900_000;
const SAMPLE_EVERY_MS = 5000;
/** A refresh begins when it is due: what it may take on top, and the probe's own timeout. */
const SLACK_MS = 5000;
const TIMEOUT_MS = 5000;
const SCRAPES = 5;
const MIB = 1024 ** 2;

/** Many monitors at once on a fresh sandbox: time to their first verdicts, then what the steady state costs and how old it is. */
export async function load(options: LoadOptions): Promise<Figure[]> {
  const { monitors, clusters, intervalMs, signal, note } = options;
  await using target = await startCountingTarget();
  await using stage = await openMeasuredStage(options);
  const fleet = new Fleet();
  const watching = new AbortController();
  const lost = new AbortController();
  await watchMonitors(stage.sandbox.kube, fleet.see, { signal: watching.signal, lost: (reason) => lost.abort(new Error(reason)) });
  const ended = AbortSignal.any([signal, lost.signal, stage.sandbox.failure]);
  try {
    note(`creating ${monitors} monitors over ${clusters} clusters`);
    const begunAt = Date.now();
    const creationMs = await fleet.create(stage.sandbox.kube.client, monitors, { url: (name) => `http://127.0.0.1:${target.port}/${name}`, intervalMs, signal: ended });
    note(`created in ${round(creationMs / 1000)} s; waiting for all first verdicts`);
    await waitUntil({ what: `a verdict of all ${monitors} monitors`, timeoutMs: PATIENCE_MS, everyMs: 250, signal: ended }, () => fleet.withVerdict === monitors);
    const first = { creationMs, allMs: Date.now() - begunAt, each: fleet.firstVerdicts(), hubLoop: await stage.loop(stage.hubPid, begunAt, Date.now()) };
    note(`all have their first verdict after ${round(first.allMs / 1000)} s; letting it settle`);
    const refreshMs = Math.max(intervalMs, (monitors / REFRESH_BUDGET) * 1000);
    await delay(refreshMs, undefined, { signal: ended });
    const steady = await window(stage, fleet, { ...options, signal: ended, read: () => read(stage, target) });
    return [...firstFigures(options, first), ...writeFigures(options, steady), ...ageFigures(fleet, steady, { refreshMs, intervalMs }), ...(await costFigures(stage, steady, options))];
  } finally {
    watching.abort();
  }
}

interface Steady {
  before: Reading;
  after: Reading;
  /** Of lastCheck, of all monitors, every few seconds. Milliseconds. */
  oldest: number[];
  agesAtEnd: number[];
}

async function window(stage: MeasuredStage, fleet: Fleet, options: { windowMs: number; signal: AbortSignal; read: () => Promise<Reading>; note: (text: string) => void }): Promise<Steady> {
  options.note(`measuring the steady state for ${options.windowMs / 1000} s`);
  const before = await options.read();
  const oldest: number[] = [];
  while (Date.now() < before.at + options.windowMs) {
    await delay(Math.min(SAMPLE_EVERY_MS, Math.max(0, before.at + options.windowMs - Date.now())), undefined, { signal: options.signal });
    oldest.push(Math.max(...fleet.agesOfLastCheck(Date.now())));
  }
  const after = await options.read();
  return { before, after, oldest, agesAtEnd: fleet.agesOfLastCheck(Date.now()) };
}

function firstFigures({ monitors, clusters, intervalMs }: LoadOptions, { creationMs, allMs, each, hubLoop }: { creationMs: number; allMs: number; each: number[]; hubLoop: LoopSample[] }): Figure[] {
  return [
    { name: "monitors × clusters, interval", value: `${monitors} × ${clusters}, ${intervalMs / 1000} s` },
    { name: "creating them (16 at once)", value: `${round(creationMs / 1000)} s, ${round((monitors * 1000) / creationMs)} a second` },
    { name: "create → first verdict, each", value: describeDistribution(distributionOf(each.map((ms) => ms / 1000)), "s") },
    { name: "first create → last first verdict", value: `${round(allMs / 1000)} s` },
    { name: "hub's event loop meanwhile", value: describeLoop(hubLoop) },
  ];
}

function writeFigures({ monitors, intervalMs }: LoadOptions, { before, after }: Steady): Figure[] {
  const rate = perMinute(before, after);
  const refreshes = Math.min(REFRESH_BUDGET, monitors / (intervalMs / 1000)) * 60;
  // Refreshes are a schedule, not a valve: a few more in one window than in the next are no breach.
  const allowed = Math.round(refreshes * 1.1);
  const etcd = ((after.etcdLogBytes - before.etcdLogBytes) / (after.at - before.at)) * 1000;
  return [
    against("status writes a minute", rate("statusWrites"), { value: round(rate("statusWrites")), wanted: `at most ${allowed} (${round(refreshes)} + 10 %)`, holds: rate("statusWrites") <= allowed }),
    against("ConfigMap writes a minute", rate("configMapWrites"), { value: round(rate("configMapWrites")), wanted: `at most ${allowed}`, holds: rate("configMapWrites") <= allowed }),
    { name: "write conflicts a minute", value: round(rate("conflicts")) },
    against("bytes to etcd's log a second", etcd, { value: megabytes(etcd), wanted: "under 2 MB", holds: etcd < ETCD_BUDGET_BYTES }),
    { name: "etcd's database", value: megabytes(after.etcdDatabaseBytes) },
    { name: "NATS's streams", value: describeStreams(after.streams) },
    { name: "a result in its stream", value: `${round(bytesPerResult(before, after))} B, with its share of a batch` },
    { name: "bytes to disk a second", value: `nats-server ${megabytes(rate("natsDiskBytes") / 60)}, agents ${megabytes(rate("agentDiskBytes") / 60)} together` },
    { name: "results taken in a second", value: `${round(rate("ingested") / 60)} of ${round(rate("probes") / 60)} requests that the target saw` },
    { name: "probes skipped", value: String(after.skipped - before.skipped) },
  ];
}

function ageFigures(fleet: Fleet, { before, after, oldest, agesAtEnd }: Steady, { refreshMs, intervalMs }: { refreshMs: number; intervalMs: number }): Figure[] {
  const gaps = fleet.gaps(before.at, after.at);
  const gapLimit = refreshMs + SLACK_MS;
  const ageLimit = refreshMs + intervalMs + TIMEOUT_MS + SLACK_MS;
  const [longest, age] = [quantile(gaps, 1), Math.max(...oldest)];
  const verdicts = [...fleet.verdicts()].map(([verdict, count]) => `${count} ${verdict}`).join(", ");
  return [
    against("from one status to the next", longest, { value: inSeconds(gaps), wanted: `max(interval, monitors ÷ budget) + 5 s = ${round(gapLimit / 1000)} s`, holds: longest <= gapLimit }),
    { name: "age of lastCheck, at the end", value: inSeconds(agesAtEnd) },
    against("oldest lastCheck at any time", age, { value: `${round(age / 1000)} s`, wanted: `${round(ageLimit / 1000)} s (the same + interval + timeout)`, holds: age <= ageLimit }),
    { name: "verdicts at the end", value: verdicts },
  ];
}

async function costFigures(stage: MeasuredStage, { before, after }: Steady, { clusters, monitors }: LoadOptions): Promise<Figure[]> {
  const seconds = (after.at - before.at) / 1000;
  const { hub, agents, ...others } = after.usage;
  const cpu = (name: string): number => (((after.usage[name]?.cpuSeconds ?? Number.NaN) - (before.usage[name]?.cpuSeconds ?? Number.NaN)) / seconds) * 100;
  const results = after.ingested - before.ingested;
  const agentLoops = await Promise.all(stage.agentPids.map((pid) => stage.loop(pid, before.at, after.at)));
  return [
    { name: "hub", value: `${round(cpu("hub"))} % of a core, ${mebibytes(hub?.rssBytes)} (peak ${mebibytes(hub?.peakRssBytes)})` },
    { name: "hub, a result", value: `${round((cpu("hub") * seconds * 1e4) / results)} µs of CPU, everything that it does included` },
    { name: "hub's event loop", value: describeLoop(await stage.loop(stage.hubPid, before.at, after.at)) },
    { name: "each agent", value: `${round(cpu("agents") / clusters)} % of a core, ${mebibytes((agents?.rssBytes ?? Number.NaN) / clusters)} (peak ${mebibytes((agents?.peakRssBytes ?? Number.NaN) / clusters)})` },
    { name: "each agent, a probe", value: `${round((cpu("agents") * seconds * 1e4) / (after.probes - before.probes))} µs of CPU` },
    { name: "agents' event loops", value: describeLoop(agentLoops.flat()) },
    { name: "the rest", value: Object.entries(others).map(([name, usage]) => `${name} ${round(cpu(name))} %, ${mebibytes(usage.rssBytes)}`).join("; ") },
    { name: "scraping /metrics", value: await describeScrapes(stage, monitors) },
  ];
}

/** After the window: a scrape of thousands of series is work of its own. */
async function describeScrapes({ sandbox }: MeasuredStage, monitors: number): Promise<string> {
  const [hub, agent] = [sandbox.state.hubs[0]?.metrics ?? "", sandbox.state.agents[0]?.metrics ?? ""];
  const texts: string[] = [];
  for (const [name, url] of [["hub", hub], ["agent", agent]] as const) {
    const times: number[] = [];
    let bytes = 0;
    for (let time = 0; time < SCRAPES; time++) {
      const begun = performance.now();
      bytes = (await got(url, { retry: { limit: 0 }, timeout: { request: 30_000 } }).text()).length;
      times.push(performance.now() - begun);
    }
    texts.push(`${name} ${round(quantile(times, 0.5))} ms, ${megabytes(bytes)}`);
  }
  return `${texts.join("; ")} (${monitors} monitors)`;
}

function perMinute(before: Reading, after: Reading): (field: Exclude<keyof Reading, "usage" | "streams">) => number {
  return (field) => ((after[field] - before[field]) / (after.at - before.at)) * 60_000;
}

function describeStreams(streams: readonly StreamSize[]): string {
  return streams.map(({ name, bytes }) => `${name} ${megabytes(bytes)}`).join(", ");
}

/** What the window's results have added to their stream. */
function bytesPerResult(before: Reading, after: Reading): number {
  return (resultBytes(after) - resultBytes(before)) / (after.ingested - before.ingested);
}

function resultBytes({ streams }: Reading): number {
  return streams.find(({ name }) => name === RESULT_STREAM)?.bytes ?? Number.NaN;
}

function describeLoop(samples: readonly LoopSample[]): string {
  return `late by ${describeDistribution(distributionOf(samples.map(({ max }) => max)), "ms")} (longest delay of each second)`;
}

function inSeconds(values: readonly number[]): string {
  return describeDistribution(distributionOf(values.map((ms) => ms / 1000)), "s");
}

function megabytes(bytes: number): string {
  return `${round(bytes / 1e6)} MB`;
}

function mebibytes(bytes: number | undefined): string {
  return `${round((bytes ?? Number.NaN) / MIB)} MiB`;
}
