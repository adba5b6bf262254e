import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { at } from "../kit/json.ts";
import type { Figure } from "./report.ts";
import { quantile, round } from "./statistics.ts";

const STARTS = 3;
const MIB = 1024 ** 2;

/** What a process pays at its start for sending traces anywhere: the median of some fresh ones. */
export async function sdkCost(url: string, signal: AbortSignal): Promise<Figure[]> {
  const times: number[] = [];
  const bytes: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    const child = fork(join(import.meta.dirname, "sdk-process.ts"), [url], { signal });
    const said: unknown = await once(child, "message");
    times.push(Number(at(said, 0, "ms")));
    bytes.push(Number(at(said, 0, "rssBytes")));
  }
  return [{ name: "loading OpenTelemetry's SDK, at the start", value: `${round(quantile(times, 0.5))} ms, ${round(quantile(bytes, 0.5) / MIB)} MiB resident` }];
}
