import { randomUUID } from "node:crypto";
import { type Clock, SightlineError } from "@sightline/shared";
import { errorFields, type Logger } from "@sightline/shared/telemetry";
import { isKubeError } from "./errors.ts";
import type { ControllerMetrics } from "./metrics.ts";
import { parseKey } from "./resources.ts";
import type { Around, Enqueue, JudgedEnd, Reconciler, ReconcileResult, Verdict } from "./types.ts";
import { DEFAULT_LIMITS, WorkQueue, type WorkQueueLimits } from "./work-queue.ts";

export interface ControllerOptions {
  /** Label of its metrics, field of its log lines. */
  name: string;
  reconciler: Reconciler;
  clock: Clock;
  logger: Logger;
  metrics: ControllerMetrics;
  /** Reconciles at the same time, of different keys. */
  concurrency?: number;
  limits?: WorkQueueLimits;
  /** Milliseconds after which a reconcile's signal aborts and its worker goes on with other keys. */
  timeoutMs?: number;
  /** What each reconcile passes through, the outermost first. */
  around?: readonly Around[];
}

const DEFAULT_CONCURRENCY = 8;
const DEFAULT_TIMEOUT_MS = 60_000;

class ReconcileTimeout extends SightlineError<"RECONCILE_TIMEOUT"> {
  override readonly name = "ReconcileTimeout";
}

/** Runs a reconciler over a work queue until it is stopped. A reconcile that throws never ends the loop. */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #queue: WorkQueue;
  readonly #running = new Set<AbortController>();
  #stopping = false;
  #workers: Promise<void>[] = [];

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#queue = new WorkQueue(options.clock, options.limits ?? DEFAULT_LIMITS);
    options.metrics.register(options.name, () => this.#queue.depth);
  }

  readonly enqueue: Enqueue = (key, afterMs) => this.#queue.addAfter(key, afterMs ?? 0);

  start(): void {
    const count = this.#options.concurrency ?? DEFAULT_CONCURRENCY;
    this.#options.metrics.leading(this.#options.name, true);
    this.#workers = Array.from({ length: count }, () => this.#work());
  }

  /** Takes nothing more in, aborts what runs, and resolves when the workers have ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#options.metrics.leading(this.#options.name, false);
    this.#queue.shutDown();
    for (const run of this.#running) run.abort();
    await Promise.all(this.#workers);
  }

  async #work(): Promise<void> {
    for (let key = await this.#queue.get(); key !== undefined; key = await this.#queue.get()) {
      if (!this.#stopping) await this.#process(key);
    }
  }

  /** One run of one key. The key is given back only when the reconciler has really ended, also past its time-out. */
  async #process(key: string): Promise<void> {
    const { clock, name, metrics } = this.#options;
    const logger = this.#options.logger.with({ controller: name, reconcile_id: randomUUID(), key });
    const startedAt = clock.monotonic();
    let settled = Promise.resolve();
    const innermost = (): Promise<JudgedEnd> => {
      const run = this.#run(key);
      settled = run.settled;
      return this.#judged(run.result, logger);
    };
    const { verdict } = await this.#surrounded(key, innermost).catch((error: unknown) => this.#failed(error, logger));
    metrics.reconciled({ controller: name, namespace: parseKey(key).namespace ?? "", durationMs: clock.monotonic() - startedAt, ...verdict });
    this.#requeue(key, verdict);
    void settled.then(() => this.#queue.done(key));
  }

  /** Calls `innermost` through all that stands around it. */
  async #surrounded(key: string, innermost: () => Promise<JudgedEnd>): Promise<JudgedEnd> {
    const { name: controller, around = [] } = this.#options;
    const run = { controller, key };
    return around.reduceRight<() => Promise<JudgedEnd>>((inner, layer) => async () => layer(run, inner), innermost)();
  }

  async #judged(result: Promise<ReconcileResult>, logger: Logger): Promise<JudgedEnd> {
    try {
      const ended = await result;
      return { result: ended, verdict: verdictOf(ended) };
    } catch (error) {
      return this.#failed(error, logger);
    }
  }

  /** Reports at once: what stands around the run, such as its span, is to be in the line. What was broken off to stop has not failed. */
  #failed(error: unknown, logger: Logger): JudgedEnd {
    const verdict: Verdict = this.#stopping ? { outcome: "requeue" } : verdictOfError(error);
    report(logger, verdict, error);
    return { error, verdict };
  }

  #run(key: string): { result: Promise<ReconcileResult>; settled: Promise<void> } {
    const { clock, reconciler, timeoutMs = DEFAULT_TIMEOUT_MS } = this.#options;
    const limit = new AbortController();
    this.#running.add(limit);
    const reconcile = Promise.try(() => reconciler.reconcile(key, limit.signal));
    const result = new Promise<ReconcileResult>((resolve, reject) => {
      const timer = clock.schedule(timeoutMs, () => {
        const error = new ReconcileTimeout("RECONCILE_TIMEOUT", `the reconcile took longer than ${timeoutMs / 1000} s`, { retryable: true });
        limit.abort(error);
        reject(error);
      });
      reconcile.then(resolve, reject).finally(() => timer.cancel());
    });
    const settled = reconcile.then(ignore, ignore).then(() => void this.#running.delete(limit));
    return { result, settled };
  }

  #requeue(key: string, { outcome, requeueAfterMs, urgent }: Verdict): void {
    if (outcome === "error" || (outcome === "requeue" && requeueAfterMs === undefined)) {
      this.#queue.addRateLimited(key);
      return;
    }
    this.#queue.forget(key);
    if (requeueAfterMs !== undefined) this.#queue.addAfter(key, requeueAfterMs, { routine: urgent !== true });
  }
}

/** A planned later look is a success; `requeue` counts only what has to be done again. */
function verdictOf({ requeueAfterMs, again, urgent }: ReconcileResult): Verdict {
  return { outcome: again === true ? "requeue" : "success", ...(requeueAfterMs === undefined ? {} : { requeueAfterMs }), ...(urgent === undefined ? {} : { urgent }) };
}

/** A conflict is no error: somebody was faster, and the next run sees what they wrote. */
function verdictOfError(error: unknown): Verdict {
  if (isKubeError(error, "CONFLICT")) return { outcome: "requeue" };
  if (!(error instanceof SightlineError)) return { outcome: "error", errorType: "UNEXPECTED" };
  return { outcome: error.retryable ? "error" : "terminal", errorType: String(error.code) };
}

function report(logger: Logger, verdict: Verdict, error: unknown): void {
  if (verdict.outcome === "requeue") logger.debug("Reconcile will be repeated", errorFields(error));
  else logger.error("Reconcile failed", { ...errorFields(error), terminal: verdict.outcome === "terminal" });
}

function ignore(): void {
  // Only the end of the run matters here; its outcome was handled.
}
