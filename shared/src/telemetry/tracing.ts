import type { Clock } from "../clock.ts";
import type { Logger } from "./log.ts";
import type { Service } from "./resource.ts";
import { noTracer, type Tracer } from "./span.ts";
import type { TracingConfig } from "./tracing-flags.ts";

export interface TracingOptions {
  config: TracingConfig;
  service: Service;
  clock: Clock;
  logger: Logger;
}

/** The tracer that the configuration asks for. OpenTelemetry's SDK is loaded only when there is somewhere to send spans to. */
export async function startTracing({ config, ...options }: TracingOptions): Promise<Tracer> {
  const { url, protocol } = config;
  if (url === undefined) return noTracer;
  const { createOtlpTracer } = await import("./otlp-tracer.ts");
  return createOtlpTracer({ ...options, url, protocol });
}
