import { readFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { binaryOf, SERVER_NAMES } from "../sandbox/binaries/catalog.ts";
import { at } from "../kit/json.ts";

/** One line of a report. */
export interface Figure {
  name: string;
  value: string;
  /** What the contract, or the design, asks for; absent where it asks for nothing. */
  wanted?: string;
  missed?: boolean;
}

/** A figure that is measured against a limit. */
export function against(name: string, measured: number, limit: { value: string; wanted: string; holds: boolean }): Figure {
  return { name, value: limit.value, wanted: limit.wanted, missed: !limit.holds || Number.isNaN(measured) };
}

/** Figures as a Markdown table, to be copied into docs/operate/capacity.md as it is. What the contract is missed by stands in bold. */
export function renderFigures(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, wanted, missed }) => `| ${name} | ${value} | ${wanted === undefined ? "" : missed === true ? `${wanted}: **missed**` : `${wanted}: kept`} |`);
  return ["| figure | measured | asked for |", "| --- | --- | --- |", ...rows].join("\n");
}

/** On what it was measured: figures without it mean nothing. */
export function renderMachine(loadBefore: readonly number[]): string {
  const [cpu] = cpus();
  const cores = cpus().length;
  const memory = Math.round(totalmem() / 1024 ** 3);
  const servers = SERVER_NAMES.map((name) => `${name} ${binaryOf(name).version}`).join(", ");
  const product: unknown = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "package.json"), "utf8"));
  return [
    `${new Date().toISOString().slice(0, 16)}Z · ${cores} vCPU (${cpu?.model.trim() ?? "unknown"}), ${memory} GiB · ${process.platform} ${process.arch}`,
    `sightline ${String(at(product, "version"))} · Node ${process.versions.node} · ${servers}`,
    `all parts on this one machine; load average before: ${loadText(loadBefore)}, after: ${loadText(loadavg())}`,
  ].join("\n");
}

function loadText(load: readonly number[]): string {
  return load.map((value) => value.toFixed(1)).join(" ");
}
