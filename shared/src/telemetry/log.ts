import winston from "winston";
import { messageOf, SightlineError } from "../errors.ts";

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

/** From the most talkative. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The level of a whole process, which may be changed while it runs. */
export interface LevelControl {
  readonly level: LogLevel;
  setLevel(level: LogLevel): void;
}

export interface RootLogger extends Logger, LevelControl {
  /** Resolves when every line has been handed to the system: await it before the process exits. */
  close(): Promise<void>;
}

export interface LoggerOptions {
  component: string;
  level: LogLevel;
  /** By default the standard output. */
  stream?: NodeJS.WritableStream;
  /** Asked at each call for what is known of its surroundings, such as the span or the request that it belongs to. */
  ambient?: () => LogFields;
}

export function createLogger(options: LoggerOptions): RootLogger {
  const root = winston.createLogger({
    level: options.level,
    defaultMeta: { component: options.component },
    format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
    transports: [new winston.transports.Stream({ stream: options.stream ?? process.stdout })],
  });
  let { level } = options;
  return {
    ...bind(root, options.ambient ?? (() => ({}))),
    get level() {
      return level;
    },
    setLevel: (wanted) => {
      level = wanted;
      root.level = wanted;
    },
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

/**
 * The surroundings are asked for here, not by a format: winston may format a line after the call, when they are others.
 * Nobody asks for those of a line that is not written: to tell of a span is to make its identity.
 */
function bind(target: winston.Logger, ambient: () => LogFields): Logger {
  const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
    if (target.isLevelEnabled(level)) target.log(level, message, { ...ambient(), ...fields });
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error"), with: (fields) => bind(target.child(fields), ambient) };
}

/** The code of everything that is no error of ours: a defect, or a library's error that nobody foresaw. */
const UNEXPECTED = "UNEXPECTED";

/** The fields by which an error is logged: what kind, what happened, where. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return reasonFields(error);
  return { ...reasonFields(error), stack_trace: error.stack, ...(error.cause instanceof Error ? { cause: error.cause.message } : {}) };
}

/** The same of what is no defect of ours, such as a refusal: what kind, and what happened. A stack would tell nothing. */
export function reasonFields(error: unknown): LogFields {
  return { error_type: error instanceof SightlineError ? error.code : UNEXPECTED, error: messageOf(error) };
}
