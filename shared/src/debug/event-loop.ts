import { monitorEventLoopDelay } from "node:perf_hooks";

/** How late the event loop was since the listener began, in milliseconds. */
export interface EventLoopDelay {
  mean: number;
  p50: number;
  p99: number;
  max: number;
}

const RESOLUTION_MS = 10;
const NANOSECONDS_PER_MS = 1_000_000;

/** Measures how much later than asked a timer fires. */
export class EventLoopWatch {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor() {
    this.#histogram.enable();
  }

  close(): void {
    this.#histogram.disable();
  }

  get delay(): EventLoopDelay {
    const { mean, max } = this.#histogram;
    return { mean: beyond(mean), p50: beyond(this.#histogram.percentile(50)), p99: beyond(this.#histogram.percentile(99)), max: beyond(max) };
  }
}

/** The histogram holds the whole time between two wake-ups; what is beyond the timer's own is delay. */
function beyond(nanoseconds: number): number {
  if (!Number.isFinite(nanoseconds)) return 0;
  return Math.max(0, Math.round((nanoseconds / NANOSECONDS_PER_MS - RESOLUTION_MS) * 1000) / 1000);
}
