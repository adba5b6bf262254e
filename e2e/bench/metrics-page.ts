import { exposition } from "@sightline/shared/metrics";
import { PlanRegistry } from "../../hub/src/monitors/registry.ts";
import type { MonitorPlan } from "../../hub/src/monitors/plan.ts";
import { registerStatusMetrics } from "../../hub/src/results/metrics.ts";
import { registerPairMetrics } from "../../hub/src/results/pair-metrics.ts";
import { pairOf } from "../../hub/src/results/pair-state.ts";
import { StatusBoard } from "../../hub/src/results/status-board.ts";
import { planOver, resultOf } from "../../hub/src/results/testing.ts";
import { emptyRegistry } from "../../hub/src/testing/metrics.ts";
import { uidOf } from "../../hub/src/testing/objects.ts";
import { RecordingLogger } from "../../hub/src/testing/recording-logger.ts";
import type { Figure } from "./report.ts";
import { quantile, round } from "./statistics.ts";

/** The most for which the hub serves each pair, unless it is told otherwise. */
const MONITORS = 10_000;
const CLUSTER = "eu-1";
const SCRAPES = 7;

/** One scrape. Milliseconds of the thread's CPU: what else runs on the machine is no cost of ours. */
interface Scrape {
  total: number;
  /** The longest that nothing else of the process could run. */
  longestHold: number;
  bytes: number;
}

/** What a scrape of a hub costs that serves as many pairs as it does by default. */
export async function renderingCost(): Promise<Figure[]> {
  const pages = fullRegistry();
  const scrapes: Scrape[] = [];
  for (let time = 0; time < SCRAPES; time++) scrapes.push(await scrape(pages));
  const median = (field: keyof Scrape): number => quantile(scrapes.map((one) => one[field]), 0.5);
  const name = `rendering /metrics, ${MONITORS} monitors in one cluster each`;
  return [
    { name, value: `${round(median("total"))} ms of CPU, ${round(median("bytes") / 1e6)} MB` },
    { name: "the longest that it holds the event loop", value: `median ${round(median("longestHold"))} ms, worst ${round(Math.max(...scrapes.map(({ longestHold }) => longestHold)))} ms of ${SCRAPES} scrapes` },
  ];
}

function fullRegistry(): Parameters<typeof exposition>[0] {
  const registry = emptyRegistry();
  const plans = new PlanRegistry();
  const board = new StatusBoard();
  const state = pairOf(resultOf({ phases: { dns: 1, connect: 2, tls: 4, firstByte: 5, transfer: 1 }, certificateExpiresAt: 2e9 }), { storedAt: 0, clockOffsetMs: 0 });
  const pairs = new Map([[CLUSTER, state]]);
  for (let number = 0; number < MONITORS; number++) {
    const plan = planOver([CLUSTER], { uid: uidOf(number), name: `monitor-${number}` });
    plans.put(plan);
    show(board, plan);
  }
  registerStatusMetrics(registry, board);
  registerPairMetrics(registry, { plans, board, results: { pairs: () => pairs }, regionOf: () => "eu-west-1", limit: MONITORS, logger: new RecordingLogger() });
  return [registry];
}

function show(board: StatusBoard, plan: MonitorPlan): void {
  const clusters = [{ cluster: CLUSTER, since: 0, silent: false, last: undefined, state: "passed", ageMs: 0, deadline: undefined } as const];
  board.show(plan, { status: { status: "Healthy" }, transition: false, clusters: [...clusters], reports: [], nextDeadline: undefined });
}

async function scrape(registries: Parameters<typeof exposition>[0]): Promise<Scrape> {
  const hold = watchHolds();
  const begun = threadMs();
  let bytes = 0;
  for await (const text of exposition(registries)) bytes += text.length;
  return { total: threadMs() - begun, longestHold: hold.end(), bytes };
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Looks at the time in each turn of the event loop. `end` gives the longest distance of two of them. */
function watchHolds(): { end: () => number } {
  let last = threadMs();
  let longest = 0;
  let next: NodeJS.Immediate;
  const look = (): void => {
    const now = threadMs();
    longest = Math.max(longest, now - last);
    last = now;
    next = setImmediate(look);
  };
  next = setImmediate(look);
  return {
    end: () => {
      clearImmediate(next);
      return Math.max(longest, threadMs() - last);
    },
  };
}
