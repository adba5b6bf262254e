export { createLogger, errorFields, type LogFields, type Logger, type LogLevel, type RootLogger, silentLogger } from "./log.ts";
export { childOf, formatTraceparent, newTrace, parseTraceparent, type TraceContext } from "./trace-context.ts";
