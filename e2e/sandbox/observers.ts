/** What watches the product from outside: Prometheus, and Alertmanager where one is asked for. */
import { freePorts } from "../kit/ports.ts";
import { resolveBinaries } from "./binaries/resolve.ts";
import type { StartOptions } from "./options.ts";
import { startAlertmanager } from "./parts/alertmanager.ts";
import { type PrometheusSettings, startPrometheus } from "./parts/prometheus.ts";
import { silent } from "./progress.ts";
import type { Parts, Workshop } from "./servers.ts";
import { inWorkshop, partsOf } from "./servers.ts";

export interface ObserverOptions extends StartOptions {
  readonly prometheus: PrometheusSettings;
  /** Path of Alertmanager's configuration; none is started without one. */
  readonly alertmanager?: string;
}

export interface Observers extends Parts {
  /** Address of Prometheus. */
  readonly prometheus: string;
  /** Address of Alertmanager, where one runs. */
  readonly alertmanager: string | undefined;
}

/** Starts them in a folder of their own, beside whatever they watch. Their parts are named `prometheus` and `alertmanager`. */
export async function startObservers(options: ObserverOptions): Promise<Observers> {
  return await inWorkshop(options, async (workshop) => {
    const alertmanager = options.alertmanager === undefined ? undefined : await alertmanagerIn(workshop, options.alertmanager);
    const prometheus = await startPrometheus(await inputOf(workshop, "prometheus"), options.prometheus, alertmanager);
    return { ...partsOf(workshop), prometheus, alertmanager };
  });
}

async function alertmanagerIn(workshop: Workshop, configFile: string): Promise<string> {
  return await startAlertmanager(await inputOf(workshop, "alertmanager"), configFile);
}

async function inputOf({ options, supervisor, layout }: Workshop, name: "prometheus" | "alertmanager"): Promise<Parameters<typeof startAlertmanager>[0]> {
  const { ports = freePorts, onProgress: report = silent } = options;
  const binaries = await resolveBinaries([name], { report, signal: supervisor.stopSignal });
  return { supervisor, layout, ports, binary: binaries[name] };
}
