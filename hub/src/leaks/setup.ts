import type { Clock } from "@sightline/shared";
import type { Logger } from "@sightline/shared/telemetry";
import type { Registry } from "prom-client";
import { AlertSender } from "../alerts/alert-sender.ts";
import { postAlerts } from "../alerts/alertmanager.ts";
import type { AlertConfig } from "../alerts/flags.ts";
import type { EventNote } from "../kube/events.ts";
import type { LeakConfig } from "./flags.ts";
import { LeakDetector } from "./leak-detector.ts";
import { leakSources, type LeakSourceOptions } from "./sources.ts";

export interface LeakWatchOptions extends LeakSourceOptions {
  leaks: LeakConfig;
  alerts: AlertConfig;
  recordEvent: (note: EventNote) => void;
  registry: Registry;
  clock: Clock;
  logger: Logger;
}

/** Looks for leaks, and tells of them, until the signal aborts. Never throws. */
export async function watchLeaks(options: LeakWatchOptions, signal: AbortSignal): Promise<void> {
  const { leaks, alerts, clock, logger } = options;
  const sender = new AlertSender({ urls: alerts.urls, runbookUrl: alerts.runbookUrl, post: (url, what, stop) => postAlerts(url, what, alerts, stop), intervalMs: leaks.intervalMs, clock, logger });
  const detector = new LeakDetector({ ...options, ...leaks, sources: leakSources(options), onLook: (found) => sender.tell(found) });
  await detector.run(signal);
  await sender.stop();
}
