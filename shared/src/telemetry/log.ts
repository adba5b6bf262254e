import winston from "winston";
import { SightlineError } from "../errors.ts";

/** Data of a log line. Errors go in as `errorFields`, never as text inside the message. */
export type LogFields = Record<string, unknown>;

/** JSON lines: a constant message, data in fields. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to each line. */
  with(fields: LogFields): Logger;
}

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface RootLogger extends Logger {
  setLevel(level: LogLevel): void;
  /** Resolves when every line has been handed to the system: await it before the process exits. */
  close(): Promise<void>;
}

/** Logs to `stream`, by default the standard output. */
export function createLogger(options: { component: string; level: LogLevel; stream?: NodeJS.WritableStream }): RootLogger {
  const root = winston.createLogger({
    level: options.level,
    defaultMeta: { component: options.component },
    format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
    transports: [new winston.transports.Stream({ stream: options.stream ?? process.stdout })],
  });
  return {
    ...bind(root),
    setLevel: (level) => void (root.level = level),
    close: () =>
      new Promise((resolve) => {
        root.once("finish", resolve);
        root.end();
      }),
  };
}

/** A logger that writes nothing, for tests of what does not log. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore, with: () => silentLogger };

function ignore(): void {
  // Nothing is written on purpose.
}

function bind(target: winston.Logger): Logger {
  return {
    debug: (message, fields) => void target.debug(message, fields),
    info: (message, fields) => void target.info(message, fields),
    warn: (message, fields) => void target.warn(message, fields),
    error: (message, fields) => void target.error(message, fields),
    with: (fields) => bind(target.child(fields)),
  };
}

/** The code of everything that is no error of ours: a defect, or a library's error that nobody foresaw. */
const UNEXPECTED = "UNEXPECTED";

/** The fields by which an error is logged: what kind, what happened, where. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error_type: UNEXPECTED, error: String(error) };
  return {
    error_type: error instanceof SightlineError ? error.code : UNEXPECTED,
    error: error.message,
    stack_trace: error.stack,
    ...(error.cause instanceof Error ? { cause: error.cause.message } : {}),
  };
}
