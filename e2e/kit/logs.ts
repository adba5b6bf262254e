import { readFile } from "node:fs/promises";

/** One line of a log of ours. */
export interface LogLine {
  message: string;
  level: string;
  [field: string]: unknown;
}

/** All whole lines that a part of ours has logged so far. What is no JSON (of Node itself, say) is left out. */
export async function logLines({ log }: { readonly log: string }): Promise<LogLine[]> {
  const text = await readFile(log, "utf8");
  return text.split("\n").flatMap((line) => parsed(line));
}

function parsed(line: string): LogLine[] {
  try {
    const value: unknown = JSON.parse(line);
    return isLogLine(value) ? [value] : [];
  } catch {
    return [];
  }
}

function isLogLine(value: unknown): value is LogLine {
  return typeof value === "object" && value !== null && "message" in value && typeof value.message === "string" && "level" in value && typeof value.level === "string";
}
