import { setTimeout as delay } from "node:timers/promises";
import { columns } from "@sightline/shared";
import type { HTTPMonitor } from "@sightline/shared/api";
import type { HubApi } from "../kit/hub-api.ts";
import { DEMO_NAMESPACE, type Sample, type Shown, stillMissing } from "./samples.ts";
import { renderAge } from "./age.ts";

const REDRAW_MS = 500;
const CLEAR = "\u001B[H\u001B[2J";
const TITLES = ["NAMESPACE", "NAME", "URL", "STATUS", "HEALTHY", "LAST CHECK", "AGE", "MESSAGE"];

export interface WatchOptions {
  signal: AbortSignal;
  /** End when every sample has shown what it should; fail with what is missing after so long. Absent: watch until the signal. */
  giveUpAfterMs?: number;
}

/**
 * Draws what `kubectl get httpmonitors -o wide` would show, twice a second on a terminal, else at each change.
 * @throws Error with what is missing when it gives up, or the signal's reason.
 */
export async function watch(api: HubApi, samples: readonly Sample[], options: WatchOptions): Promise<void> {
  const shown = new Map<string, { verdicts: Set<string>; current: string }>();
  const end = Date.now() + (options.giveUpAfterMs ?? Number.POSITIVE_INFINITY);
  let drawn = "";
  for (;;) {
    options.signal.throwIfAborted();
    const monitors = await api.monitors(DEMO_NAMESPACE);
    for (const monitor of monitors) remember(shown, monitor);
    drawn = draw(monitors, drawn);
    const missing = samples.map((sample) => stillMissing(sample, shown.get(sample.manifest.metadata.name))).filter((text) => text !== undefined);
    if (options.giveUpAfterMs !== undefined && missing.length === 0) return console.log("\nEach sample has shown the status that it should.");
    if (Date.now() > end) throw new Error(`The demo did not show what it should:\n  ${missing.join("\n  ")}`);
    await delay(REDRAW_MS, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

function remember(shown: Map<string, Shown & { verdicts: Set<string>; current: string }>, { metadata, status }: HTTPMonitor): void {
  if (status?.status === undefined) return;
  const entry = shown.get(metadata.name) ?? { verdicts: new Set<string>(), current: "" };
  entry.verdicts.add(status.status);
  entry.current = status.status;
  shown.set(metadata.name, entry);
}

/** Draws when there is something new to see; returns what stands there now. */
function draw(monitors: readonly HTTPMonitor[], before: string): string {
  const terminal = process.stdout.isTTY;
  // Away from a terminal only verdicts are worth a line: ages change all the time.
  const gist = monitors.map(({ metadata, status }) => `${metadata.name} ${status?.status} ${status?.healthy}`).join("\n");
  if (!terminal && gist === before) return before;
  const table = columns([TITLES, ...monitors.map((monitor) => row(monitor, Date.now()))]).join("\n");
  console.log(terminal ? `${CLEAR}${table}\n\nCtrl-C ends it.` : `${table}\n`);
  return gist;
}

function row({ metadata, spec, status }: HTTPMonitor, now: number): string[] {
  const age = (time: string | undefined): string => (time === undefined ? "" : renderAge(now - Date.parse(time)));
  return [
    metadata.namespace ?? "",
    metadata.name,
    spec.url,
    status?.status ?? "",
    status?.healthy ?? "",
    age(status?.lastCheck),
    age(metadata.creationTimestamp),
    status?.errorMessage ?? "",
  ];
}
