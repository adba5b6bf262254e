/** An OpenTelemetry collector, which keeps the traces that it gets in a file. */
import { freePorts } from "../kit/ports.ts";
import { resolveBinaries } from "./binaries/resolve.ts";
import type { StartOptions } from "./options.ts";
import { type CollectorAccess, startOtelCollector } from "./parts/otel-collector.ts";
import { silent } from "./progress.ts";
import { inWorkshop, type Parts, partsOf } from "./servers.ts";

export interface Collector extends Parts, CollectorAccess {}

/** Starts it in a folder of its own. Its part is named `otel-collector`. */
export async function startCollector(options: StartOptions): Promise<Collector> {
  return await inWorkshop(options, async (workshop) => {
    const { supervisor, layout } = workshop;
    const { ports = freePorts, onProgress: report = silent } = options;
    const binaries = await resolveBinaries(["otel-collector"], { report, signal: supervisor.stopSignal });
    const access = await startOtelCollector({ supervisor, layout, ports, binary: binaries["otel-collector"] });
    return { ...partsOf(workshop), ...access };
  });
}
