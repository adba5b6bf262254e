import { setTimeout as delay } from "node:timers/promises";
import { at, textAt } from "../kit/json.ts";
import { HubApi } from "../kit/hub-api.ts";
import { monitor } from "../kit/monitor.ts";
import { startTarget, type Target } from "../kit/target.ts";
import { waitUntil } from "../kit/wait.ts";
import { against, type Figure } from "./report.ts";
import { openMeasuredStage } from "./stage.ts";
import { describeDistribution, distributionOf, quantile } from "./statistics.ts";
import { watchMonitors } from "./watch.ts";

export interface ChangeOptions {
  clusters: number;
  /** So many changes, and so many results that turn a verdict. */
  changes: number;
  signal: AbortSignal;
  profileDir?: string;
  note: (text: string) => void;
}

const PATIENCE_MS = 30_000;
const POLL_MS = 1;
/** Monitors whose verdicts are turned, each probed by one cluster. */
const TURNED = 10;
/** Assignments follow a change within this time (issue "The monitor's whole contract"). */
const FOLLOW_MS = 2000;

/** How fast the product is when it has little to do. */
export async function change(options: ChangeOptions): Promise<Figure[]> {
  await using target = await startTarget();
  await using stage = await openMeasuredStage(options);
  const signal = AbortSignal.any([options.signal, stage.sandbox.failure]);
  const api = new HubApi(stage.sandbox.kube.client);
  options.note(`${options.changes} changes of one monitor on ${options.clusters} clusters`);
  const probes = await timeChanges(api, target, { ...options, signal });
  options.note(`${options.changes} results that turn a verdict`);
  const verdicts = await timeVerdicts(api, target, { ...options, signal, watch: (turns) => watchMonitors(stage.sandbox.kube, turns.see, { signal, lost: turns.lost }) });
  const worst = quantile(probes.all, 0.99);
  return [
    { name: "change → first probe, each cluster", value: describeDistribution(distributionOf(probes.each), "ms") },
    against("change → first probe, the last cluster", worst, { value: describeDistribution(distributionOf(probes.all), "ms"), wanted: `p99 under ${FOLLOW_MS} ms`, holds: worst < FOLLOW_MS }),
    { name: "result → verdict seen by a watcher", value: describeDistribution(distributionOf(verdicts), "ms") },
  ];
}

/** From the moment in which the changed monitor is sent to the API server, to the first request for its new URL from each cluster. */
async function timeChanges(api: HubApi, target: Target, { clusters, changes, signal }: Pick<ChangeOptions, "clusters" | "changes" | "signal">): Promise<{ each: number[]; all: number[] }> {
  const each: number[] = [];
  const all: number[] = [];
  for (let index = 0; index <= changes; index++) {
    const path = `/change/${index}`;
    const sentAt = Date.now();
    await api.apply(monitor("changed", { url: `${target.url("")}${path}`, interval: "30s", timeout: "5s" }));
    const seen = await waitUntil({ what: `a probe of change ${index} from ${clusters} clusters`, timeoutMs: PATIENCE_MS, everyMs: POLL_MS, signal }, () => firstOfEach(target, path, clusters));
    target.forget();
    // The first one is the creation.
    if (index === 0) continue;
    const times = seen.map((seenAt) => seenAt - sentAt);
    each.push(...times);
    all.push(Math.max(...times));
  }
  await api.deleteMonitor("default/changed");
  return { each, all };
}

/** When each cluster was first seen, once all were. */
function firstOfEach(target: Target, path: string, clusters: number): number[] | undefined {
  const first = new Map<string, number>();
  for (const { cluster, at: seenAt } of target.seen(path)) if (!first.has(cluster)) first.set(cluster, seenAt);
  return first.size === clusters ? [...first.values()] : undefined;
}

/** One target: what it answers now, since when it was heard to, and whether its first verdict has been seen. */
interface Turn {
  code: number;
  answeredAt: number | undefined;
  judged: boolean;
}

/** Targets that turn bad or good again as soon as the turn before has been seen in the status. */
class Turns {
  readonly #state = new Map<string, Turn>();
  readonly #latencies: number[] = [];
  readonly failure = new AbortController();

  /** Makes the target's path answer as its turn says, and notes the first answer of each turn. */
  add(name: string, target: Target): void {
    const turn: Turn = { code: 200, answeredAt: undefined, judged: false };
    this.#state.set(name, turn);
    target.behave(`/${name}`, (_request, response) => {
      response.writeHead(turn.code).end();
      turn.answeredAt ??= Date.now();
    });
  }

  readonly see = ({ at: now, name, object }: { at: number; name: string; object: unknown }): void => {
    const turn = this.#state.get(name);
    const shown = textAt(at(object, "status"), "status");
    if (turn?.answeredAt === undefined || shown !== (turn.code === 200 ? "Healthy" : "Unhealthy")) return;
    // The first verdict of a monitor is not the turn of one.
    if (turn.judged) this.#latencies.push(now - turn.answeredAt);
    turn.judged = true;
    turn.code = turn.code === 200 ? 500 : 200;
    turn.answeredAt = undefined;
  };

  readonly lost = (reason: string): void => this.failure.abort(new Error(reason));

  get latencies(): readonly number[] {
    return this.#latencies;
  }
}

/** From the target's answer to a probe, to the moment in which a watcher of the API server sees the verdict that follows from it. */
async function timeVerdicts(api: HubApi, target: Target, options: Pick<ChangeOptions, "changes" | "signal"> & { watch: (turns: Turns) => Promise<void> }): Promise<number[]> {
  const turns = new Turns();
  await options.watch(turns);
  for (let index = 0; index < TURNED; index++) {
    const name = `turned-${index}`;
    turns.add(name, target);
    await api.apply(monitor(name, { url: target.url(`/${name}`), interval: "1s", timeout: "1s" }, { placement: { clusters: "c-1" } }));
  }
  const signal = AbortSignal.any([options.signal, turns.failure.signal]);
  while (turns.latencies.length < options.changes) await delay(50, undefined, { signal });
  return [...turns.latencies];
}
