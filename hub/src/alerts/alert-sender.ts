import type { Clock } from "@sightline/shared";
import { errorFields, type Logger } from "@sightline/shared/telemetry";
import { type Alert, type Alerts, type Leak, nextAlerts, NO_ALERTS } from "./leak-alerts.ts";

export interface AlertSenderOptions {
  urls: readonly string[];
  /** @throws AlertError */
  post: (url: string, alerts: readonly Alert[], signal: AbortSignal) => Promise<void>;
  runbookUrl?: string | undefined;
  /** Between two looks for leaks, each of which says what to tell. Milliseconds. */
  intervalMs: number;
  clock: Clock;
  logger: Logger;
}

/** Tells every Alertmanager of leaks, in the background: one that is away costs the others, and the hub, nothing. */
export class AlertSender {
  readonly #options: AlertSenderOptions;
  readonly #stopping = new AbortController();
  /** Posts that are under way, by URL. */
  readonly #posting = new Map<string, Promise<void>>();
  #alerts: Alerts = NO_ALERTS;

  constructor(options: AlertSenderOptions) {
    this.#options = options;
  }

  /** Takes in what a look found. Who is still being told of an earlier one hears of it at the next. */
  tell(leaks: readonly Leak[]): void {
    const { urls, clock, intervalMs, runbookUrl } = this.#options;
    this.#alerts = nextAlerts(this.#alerts, leaks, { now: clock.now(), intervalMs, runbookUrl });
    if (this.#alerts.size === 0) return;
    for (const url of urls) {
      if (!this.#posting.has(url)) this.#posting.set(url, this.#post(url, [...this.#alerts.values()]));
    }
  }

  /** Ends what is under way. What stands is told on by the next leader; without one it lapses by its own end. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#posting.values());
  }

  async #post(url: string, alerts: readonly Alert[]): Promise<void> {
    const { post, logger } = this.#options;
    try {
      await post(url, alerts, this.#stopping.signal);
    } catch (error) {
      if (!this.#stopping.signal.aborted) logger.warn("Alerts could not be sent, they are told again at the next look", errorFields(error));
    } finally {
      this.#posting.delete(url);
    }
  }
}
