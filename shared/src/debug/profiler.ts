import { type HeapProfiler, type NodeTracing, Session } from "node:inspector";
import { Session as PromisedSession } from "node:inspector/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { type Clock, sleep } from "../clock.ts";
import { DebugError } from "./errors.ts";
import { CPU_INTERVAL_US, cpuToPprof, heapToPprof } from "./pprof.ts";

const compress = promisify(gzip);

/** One sample of the heap per so many allocated bytes, as Go does: cheap enough to be always on. */
const HEAP_INTERVAL_BYTES = 128 * 1024;

/** What a trace records: collections and optimisations of V8, event loop, HTTP, sockets, file system. */
const TRACE_CATEGORIES = ["v8", "node.perf", "node.http", "node.net.native", "node.fs.async", "node.dns.native"];

/** Profiles of this process, by the inspector that Node has in itself: no port is opened, and nothing else is needed. */
export class Profiler {
  readonly #clock: Clock;
  readonly #session = new PromisedSession();
  #busy = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Watches allocations from now on: a heap profile tells of what was allocated since. */
  async start(): Promise<void> {
    this.#session.connect();
    await this.#session.post("HeapProfiler.enable");
    await this.#session.post("HeapProfiler.startSampling", { samplingInterval: HEAP_INTERVAL_BYTES });
  }

  close(): void {
    this.#session.disconnect();
  }

  /**
   * Where the CPU spends its time, for so many seconds: pprof, gzip.
   * @throws DebugError PROFILE_RUNNING, or PROFILE_ABORTED when `signal` aborts.
   */
  async cpu(seconds: number, signal: AbortSignal): Promise<Uint8Array> {
    return this.#alone(async () => {
      const startedAt = this.#clock.now();
      await this.#session.post("Profiler.enable");
      try {
        await this.#session.post("Profiler.setSamplingInterval", { interval: CPU_INTERVAL_US });
        await this.#session.post("Profiler.start");
        await sleep(this.#clock, seconds * 1000, signal);
        const { profile } = await this.#session.post("Profiler.stop");
        refuseAborted(signal);
        return await compress(cpuToPprof(profile, startedAt));
      } finally {
        await this.#session.post("Profiler.disable");
      }
    });
  }

  /** What is in use of that which was allocated since `start`: pprof, gzip. `collect` throws garbage away first, and stops the process for as long. */
  async heap({ collect = false }: { collect?: boolean } = {}): Promise<Uint8Array> {
    if (collect) await this.#session.post("HeapProfiler.collectGarbage");
    const { profile }: HeapProfiler.GetSamplingProfileReturnType = await this.#session.post("HeapProfiler.getSamplingProfile");
    return compress(heapToPprof(profile, { takenAt: this.#clock.now(), intervalBytes: HEAP_INTERVAL_BYTES }));
  }

  /**
   * What V8 and Node did, for so many seconds: JSON of the Trace Event Format, as Perfetto reads it.
   * @throws DebugError PROFILE_RUNNING, or PROFILE_ABORTED when `signal` aborts.
   */
  async trace(seconds: number, signal: AbortSignal): Promise<string> {
    return this.#alone(async () => {
      // Events come by a listener, which the session of promises does not type.
      const session = new Session();
      session.connect();
      try {
        const events = await traced(session, () => sleep(this.#clock, seconds * 1000, signal));
        refuseAborted(signal);
        return JSON.stringify({ traceEvents: events });
      } finally {
        session.disconnect();
      }
    });
  }

  async #alone<T>(profile: () => Promise<T>): Promise<T> {
    if (this.#busy) throw new DebugError("PROFILE_RUNNING", "a profile or trace is being taken already: try again when it has ended", { retryable: true });
    this.#busy = true;
    try {
      return await profile();
    } finally {
      this.#busy = false;
    }
  }
}

async function traced(session: Session, wait: () => Promise<void>): Promise<unknown[]> {
  const events: unknown[] = [];
  session.on("NodeTracing.dataCollected", ({ params }: { params: NodeTracing.DataCollectedEventDataType }) => {
    for (const event of params.value) events.push(event);
  });
  const complete = new Promise<void>((resolve) => void session.once("NodeTracing.tracingComplete", () => resolve()));
  await posted((done) => session.post("NodeTracing.start", { traceConfig: { includedCategories: TRACE_CATEGORIES } }, done));
  await wait();
  await posted((done) => session.post("NodeTracing.stop", done));
  await complete;
  return events;
}

function posted(post: (done: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => post((error) => (error === null ? resolve() : reject(error))));
}

function refuseAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new DebugError("PROFILE_ABORTED", "whoever asked for the profile went away");
}
