import type { LogFields, Logger } from "@sightline/shared/telemetry";

/** A logger that keeps its lines for a test to look at. */
export class RecordingLogger implements Logger {
  readonly lines: { level: string; message: string; fields: LogFields }[];
  readonly #fields: LogFields;

  constructor(lines: { level: string; message: string; fields: LogFields }[] = [], fields: LogFields = {}) {
    this.lines = lines;
    this.#fields = fields;
  }

  get messages(): string[] {
    return this.lines.map(({ message }) => message);
  }

  readonly debug = (message: string, fields?: LogFields): void => this.#keep("debug", message, fields);
  readonly info = (message: string, fields?: LogFields): void => this.#keep("info", message, fields);
  readonly warn = (message: string, fields?: LogFields): void => this.#keep("warn", message, fields);
  readonly error = (message: string, fields?: LogFields): void => this.#keep("error", message, fields);

  with(fields: LogFields): Logger {
    return new RecordingLogger(this.lines, { ...this.#fields, ...fields });
  }

  #keep(level: string, message: string, fields: LogFields = {}): void {
    this.lines.push({ level, message, fields: { ...this.#fields, ...fields } });
  }
}
