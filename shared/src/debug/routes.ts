import type { LevelControl, Logger } from "../telemetry/log.ts";
import type { EventLoopWatch } from "./event-loop.ts";
import { indexPage } from "./index-page.ts";
import { commandLine, levelIn, secondsIn } from "./parameters.ts";
import type { Profiler } from "./profiler.ts";

/** A request to the debug listener, whatever HTTP server took it. */
export interface DebugRequest {
  query: URLSearchParams;
  /** Parsed JSON; undefined without a body. */
  body: unknown;
  /** Aborts when nobody waits for the answer any more. */
  signal: AbortSignal;
  /** Who asks, for the log. */
  caller: string;
}

export interface DebugAnswer {
  contentType: string;
  body: string | Uint8Array;
  /** Name under which the answer is to be saved. */
  fileName?: string;
}

/** One path of the debug listener. It throws DebugErrors. */
export interface DebugRoute {
  method: "GET" | "PUT" | "POST";
  path: string;
  answer: (request: DebugRequest) => DebugAnswer | Promise<DebugAnswer>;
}

export interface DebugRoutesOptions {
  /** What the process is, for its index: `hub`. */
  component: string;
  profiler: Profiler;
  eventLoop: EventLoopWatch;
  level: LevelControl;
  logger: Logger;
  argv: readonly string[];
}

const PPROF = "application/octet-stream";
const TEXT = "text/plain; charset=utf-8";
const DEFAULT_CPU_SECONDS = 30;
const DEFAULT_TRACE_SECONDS = 1;

/** All that hub and agent have in common. The paths are those of Go's net/http/pprof, so that its tools and habits fit. */
export function debugRoutes(options: DebugRoutesOptions): DebugRoute[] {
  return [...profileRoutes(options), ...levelRoutes(options)];
}

function profileRoutes({ component, profiler, eventLoop, argv }: DebugRoutesOptions): DebugRoute[] {
  const get = (path: string, answer: DebugRoute["answer"]): DebugRoute => ({ method: "GET", path, answer });
  return [
    get("/debug/pprof/", () => ({ contentType: "text/html; charset=utf-8", body: indexPage(component, eventLoop.delay) })),
    get("/debug/pprof/profile", async ({ query, signal }) => ({
      contentType: PPROF,
      fileName: "cpu.pb.gz",
      body: await profiler.cpu(secondsIn(query, DEFAULT_CPU_SECONDS), signal),
    })),
    get("/debug/pprof/heap", async ({ query }) => ({ contentType: PPROF, fileName: "heap.pb.gz", body: await profiler.heap({ collect: query.get("gc") === "1" }) })),
    get("/debug/pprof/trace", async ({ query, signal }) => ({
      contentType: "application/json",
      fileName: "trace.json",
      body: await profiler.trace(secondsIn(query, DEFAULT_TRACE_SECONDS), signal),
    })),
    get("/debug/pprof/cmdline", () => ({ contentType: TEXT, body: commandLine(argv) })),
    // None to look up: the profiles carry the names of their functions.
    get("/debug/pprof/symbol", () => ({ contentType: TEXT, body: "num_symbols: 0\n" })),
    get("/debug/event-loop", () => json({ delayMs: eventLoop.delay })),
  ];
}

function levelRoutes({ level, logger }: DebugRoutesOptions): DebugRoute[] {
  const path = "/debug/log-level";
  return [
    { method: "GET", path, answer: () => json({ level: level.level }) },
    {
      method: "PUT",
      path,
      answer: ({ body, caller }) => {
        const [before, after] = [level.level, levelIn(body)];
        level.setLevel(after);
        // A warning, so that it is said at every level but one.
        logger.warn("The log level was changed", { from: before, to: after, caller });
        return json({ level: after });
      },
    },
  ];
}

export function json(value: object): DebugAnswer {
  return { contentType: "application/json", body: `${JSON.stringify(value)}\n` };
}
