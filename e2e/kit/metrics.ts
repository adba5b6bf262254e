import got from "got";

/** One sample of Prometheus' text format. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([^ ]+)/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

/** Reads the text format (https://prometheus.io/docs/instrumenting/exposition_formats/). Comments are left out. */
export function parseMetrics(text: string): Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split("\n")) {
    const [, name, labels = "", value] = LINE.exec(line) ?? [];
    if (name === undefined || value === undefined || line.startsWith("#")) continue;
    samples.push({ name, labels: parseLabels(labels), value: parseValue(value) });
  }
  return samples;
}

/** What a process serves, as it stands. */
export async function metricsText(url: string): Promise<string> {
  return await got(url, { retry: { limit: 0 }, timeout: { request: 5000 } }).text();
}

/** Reads the metrics that a process serves. */
export async function scrape(url: string): Promise<Sample[]> {
  return parseMetrics(await metricsText(url));
}

/** Name and type of all metrics of a text, also of those without a sample now. */
export function typesIn(text: string): Map<string, string> {
  return new Map([...text.matchAll(/^# TYPE ([^ ]+) ([a-z]+)$/gm)].map(([, name = "", type = ""]) => [name, type]));
}

/** The samples of a name that carry at least these labels. */
export function select(samples: readonly Sample[], name: string, labels: Record<string, string> = {}): Sample[] {
  return samples.filter((sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value));
}

/** Sum of the samples of a name that carry at least these labels; 0 when there is none. */
export function sum(samples: readonly Sample[], name: string, labels: Record<string, string> = {}): number {
  return select(samples, name, labels).reduce((total, { value }) => total + value, 0);
}

function parseLabels(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(LABEL)].map(([, key = "", value = ""]) => [key, unescape(value)]));
}

function unescape(value: string): string {
  return value.replaceAll(/\\(.)/g, (_match, char: string) => (char === "n" ? "\n" : char));
}

function parseValue(text: string): number {
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  return text === "-Inf" ? Number.NEGATIVE_INFINITY : Number(text);
}
