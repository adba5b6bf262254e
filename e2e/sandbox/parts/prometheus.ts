/** Prometheus, with its targets named in its configuration. */
import { mkdir } from "node:fs/promises";
import path from "node:path";

import { writeWhole } from "../file.ts";
import { answersOk, type ObserverInput } from "./observer.ts";
import { onFreePorts } from "./on-free-ports.ts";

/** What is scraped under one `job` label. */
export interface ScrapeJob {
  readonly job: string;
  /** Full URLs of metrics pages. */
  readonly urls: readonly string[];
}

export interface PrometheusSettings {
  readonly jobs: readonly ScrapeJob[];
  /** Paths of rule files, as Prometheus reads them. */
  readonly rules: readonly string[];
  /** Between two scrapes, and between two evaluations of the rules. */
  readonly intervalMs: number;
}

/** Starts it, and gives its address. `alertmanager` is where it sends alerts, if anywhere. */
export async function startPrometheus(input: ObserverInput, settings: PrometheusSettings, alertmanager?: string): Promise<string> {
  const { supervisor, layout, binary, ports } = input;
  const folder = path.join(layout.observers, "prometheus");
  const config = path.join(folder, "prometheus.yml");
  await mkdir(folder, { recursive: true });
  await writeWhole(config, renderPrometheusConfig(settings, alertmanager));
  return await onFreePorts(ports, 1, async (port) => {
    const listen = `127.0.0.1:${port}`;
    await supervisor.start({
      name: "prometheus",
      command: binary,
      args: [`--config.file=${config}`, `--storage.tsdb.path=${path.join(folder, "data")}`, `--web.listen-address=${listen}`, ...noticesSoon(settings), "--log.level=warn"],
      log: path.join(layout.logs, "prometheus.log"),
      layer: 3,
      ready: () => answersOk(`http://${listen}/-/ready`),
    });
    return `http://${listen}`;
  });
}

/** The first alerts meet no Alertmanager yet: it is found some seconds after the start. By default they are sent anew after a minute. */
function noticesSoon({ intervalMs }: PrometheusSettings): string[] {
  return [`--rules.alert.resend-delay=${intervalMs}ms`];
}

/** The text of the configuration file; JSON is YAML. Labels that a series has already stay as they are (honor_labels). */
export function renderPrometheusConfig({ jobs, rules, intervalMs }: PrometheusSettings, alertmanager?: string): string {
  const interval = `${intervalMs}ms`;
  const config = {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: rules,
    scrape_configs: jobs.flatMap(scrapeConfigs),
    ...(alertmanager !== undefined && { alerting: { alertmanagers: [{ static_configs: [{ targets: [new URL(alertmanager).host] }] }] } }),
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** Prometheus wants a name for each configuration; the label `job` is what the rules go by. */
function scrapeConfigs({ job, urls }: ScrapeJob): object[] {
  return urls.map((text, index) => {
    const url = new URL(text);
    return { job_name: `${job}-${index}`, honor_labels: true, metrics_path: url.pathname, static_configs: [{ targets: [url.host], labels: { job } }] };
  });
}
