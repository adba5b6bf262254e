/** Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/), written a slice at a time. */
import { setImmediate } from "node:timers/promises";
import { Registry } from "prom-client";
import { LiveMetric } from "./live-metric.ts";

/** Samples that are rendered before others get their turn: about a millisecond. */
const SLICE_SAMPLES = 500;

export const EXPOSITION_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

interface Line {
  name: string;
  labels: Readonly<Record<string, string | number | undefined>>;
  value: number;
}

/** All metrics of some registries, in slices of text. Between two of them the event loop goes round. */
export async function* exposition(registries: readonly Registry[], sliceSamples = SLICE_SAMPLES): AsyncGenerator<string> {
  for (const registry of registries) {
    for (const { name } of registry.getMetricsAsArray()) yield* family(registry, name, sliceSamples);
  }
}

async function* family(registry: Registry, name: string, sliceSamples: number): AsyncGenerator<string> {
  const { help, type, lines } = await collect(registry, name);
  let text = `# HELP ${name} ${escapedHelp(help)}\n# TYPE ${name} ${type}\n`;
  let rendered = 0;
  for (const line of lines) {
    text += lineText(line);
    rendered += 1;
    if (rendered % sliceSamples !== 0) continue;
    yield text;
    text = "";
    await setImmediate();
  }
  if (text !== "") yield text;
}

async function collect(registry: Registry, name: string): Promise<{ help: string; type: string; lines: Iterable<Line> }> {
  const metric = registry.getSingleMetric(name);
  if (metric === undefined) return { help: "", type: "untyped", lines: [] };
  if (metric instanceof LiveMetric) return { help: metric.spec.help, type: metric.spec.type, lines: linesOf(name, metric.samples()) };
  const { help, type, values } = await metric.get();
  return { help, type: `${type}`, lines: linesOf(name, values) };
}

function* linesOf(name: string, samples: Iterable<Omit<Line, "name"> & { metricName?: string }>): Iterable<Line> {
  // Buckets, sum and count of a histogram have names of their own.
  for (const { metricName, labels, value } of samples) yield { name: metricName ?? name, labels, value };
}

function lineText({ name, labels, value }: Line): string {
  let text = "";
  for (const label in labels) text += `${text === "" ? "" : ","}${label}="${escapedValue(String(labels[label] ?? ""))}"`;
  return `${name}${text === "" ? "" : `{${text}}`} ${valueText(value)}\n`;
}

function valueText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return Number.isFinite(value) ? String(value) : `${value > 0 ? "+" : "-"}Inf`;
}

const SPECIAL = /[\\"\n]/;

/** Backslash, quote and line break are escaped in label values. */
function escapedValue(value: string): string {
  return SPECIAL.test(value) ? value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n") : value;
}

/** In help texts a quote stands as it is. */
function escapedHelp(help: string): string {
  return help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
