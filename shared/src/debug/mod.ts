export { DebugError, type DebugErrorCode } from "./errors.ts";
export { EventLoopWatch } from "./event-loop.ts";
export { debugListenFlag, isLoopback } from "./flags.ts";
export { statusOfDebugError } from "./http-status.ts";
export { Profiler } from "./profiler.ts";
export { type DebugAnswer, type DebugRequest, type DebugRoute, debugRoutes, json } from "./routes.ts";
