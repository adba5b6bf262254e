/** A collector with an OTLP receiver and one exporter, which writes to a file. */
import { mkdir } from "node:fs/promises";
import path from "node:path";

import got from "got";

import { writeWhole } from "../file.ts";
import type { ObserverInput } from "./observer.ts";
import { onFreePorts } from "./on-free-ports.ts";

export interface CollectorAccess {
  /** Endpoint of OTLP by HTTP. */
  readonly http: string;
  /** Endpoint of OTLP by gRPC. */
  readonly grpc: string;
  /** The file of what it got: one export request a line, as OTLP's JSON. */
  readonly traces: string;
}

export async function startOtelCollector({ supervisor, layout, binary, ports }: ObserverInput): Promise<CollectorAccess> {
  const folder = path.join(layout.observers, "otel-collector");
  const [config, traces] = [path.join(folder, "config.yaml"), path.join(folder, "traces.jsonl")];
  await mkdir(folder, { recursive: true });
  return await onFreePorts(ports, 2, async (httpPort = 0, grpcPort = 0) => {
    const [http, grpc] = [`127.0.0.1:${httpPort}`, `127.0.0.1:${grpcPort}`];
    await writeWhole(config, renderCollectorConfig({ http, grpc, traces }));
    await supervisor.start({
      name: "otel-collector",
      command: binary,
      args: [`--config=file:${config}`],
      log: path.join(layout.logs, "otel-collector.log"),
      layer: 1,
      ready: () => answers(`http://${http}/v1/traces`),
    });
    return { http: `http://${http}`, grpc: `http://${grpc}`, traces };
  });
}

/** It takes nothing by GET, but it says so. */
async function answers(url: string): Promise<boolean> {
  await got(url, { retry: { limit: 0 }, timeout: { request: 2000 }, throwHttpErrors: false });
  return true;
}

/** The text of the configuration file; JSON is YAML. */
function renderCollectorConfig({ http, grpc, traces }: CollectorAccess): string {
  const config = {
    receivers: { otlp: { protocols: { http: { endpoint: http }, grpc: { endpoint: grpc } } } },
    exporters: { file: { path: traces, flush_interval: "50ms" } },
    service: { pipelines: { traces: { receivers: ["otlp"], exporters: ["file"] } } },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
