import { context, ROOT_CONTEXT, type SpanContext, SpanKind, SpanStatusCode, trace, TraceFlags, type Tracer as SdkTracer } from "@opentelemetry/api";
import { ExportResultCode } from "@opentelemetry/core";
import { OTLPTraceExporter as GrpcExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as HttpExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { defaultResource, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { AlwaysOnSampler, BatchSpanProcessor, type IdGenerator, type SpanExporter } from "@opentelemetry/sdk-trace";
import { type Clock, sleep } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "./log.ts";
import { resourceAttributes, type Service } from "./resource.ts";
import { type FinishedSpan, TRACER_NAME, type Tracer } from "./span.ts";
import { SpanTally } from "./span-tally.ts";
import type { TraceContext } from "./trace-context.ts";
import type { OtlpProtocol } from "./tracing-flags.ts";

/** Only `startTracing` imports this file, and only when spans are exported: what it imports costs 0.2 s and 25 MB (`pnpm bench telemetry`). */

/** Spans that may wait for the collector, being sent included. About 1 kB each. */
const QUEUE_LIMIT = 4096;
/** The longest that a span waits for company. Milliseconds. */
const BATCH_DELAY_MS = 1000;

export interface OtlpTracerOptions {
  url: string;
  protocol: OtlpProtocol;
  service: Service;
  clock: Clock;
  logger: Logger;
}

const KINDS = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT, consumer: SpanKind.CONSUMER } as const;

const LOST = "Spans were lost on the way to the collector";

/** Exports spans by OTLP. The exporter's own settings (headers, certificates, time-out) are those of OTEL_EXPORTER_OTLP_*. */
export function createOtlpTracer(options: OtlpTracerOptions): Tracer {
  return new OtlpTracer(options);
}

class OtlpTracer implements Tracer {
  readonly enabled = true;
  readonly #options: OtlpTracerOptions;
  readonly #tally = new SpanTally(QUEUE_LIMIT);
  readonly #ids = new GivenIds();
  readonly #sdk: NodeSDK;
  readonly #tracer: SdkTracer;

  constructor(options: OtlpTracerOptions) {
    this.#options = options;
    const { service } = options;
    const exporter = tallied(exporterOf(options), (count, reason) => {
      this.#tally.settle(count, reason);
      this.#tell();
    });
    this.#sdk = new NodeSDK({
      resource: defaultResource().merge(resourceFromAttributes(resourceAttributes(service, process.env))),
      // OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME win over what we know.
      resourceDetectors: [envDetector],
      spanProcessors: [new BatchSpanProcessor({ exporter, maxQueueSize: QUEUE_LIMIT, scheduledDelayMillis: BATCH_DELAY_MS })],
      // Whoever hands a span over has decided.
      sampler: new AlwaysOnSampler(),
      idGenerator: this.#ids,
      textMapPropagator: null,
      metricReaders: [],
      logRecordProcessors: [],
      instrumentations: [],
    });
    this.#sdk.start();
    this.#tracer = trace.getTracer(TRACER_NAME, service.version);
  }

  export(span: FinishedSpan): void {
    if (this.#tally.take()) this.#hand(span);
    this.#tell();
  }

  async close(limitMs: number): Promise<void> {
    const { clock, logger } = this.#options;
    const ended = new AbortController();
    const closing = this.#sdk.shutdown().then(ignore, ignore).finally(() => ended.abort());
    await Promise.race([closing, sleep(clock, limitMs, ended.signal)]);
    const told = this.#tally.tellLast(clock.monotonic());
    if (told !== undefined) logger.warn(LOST, { ...told });
    trace.disable();
    context.disable();
  }

  /** Asked after each span, and after each batch: the last one has no span after it. */
  #tell(): void {
    const told = this.#tally.tell(this.#options.clock.monotonic());
    if (told !== undefined) this.#options.logger.warn(LOST, { ...told });
  }

  #hand({ name, kind, context: own, parent, links = [], startMs, endMs, attributes, error }: FinishedSpan): void {
    this.#ids.next = own;
    const around = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, spanContext(parent, kind !== "internal"));
    const told = links.map((link) => ({ context: spanContext(link, true) }));
    const span = this.#tracer.startSpan(name, { kind: KINDS[kind], startTime: hrTime(startMs), attributes, links: told }, around);
    if (error !== undefined) span.setAttribute("error.type", error.code).setStatus({ code: SpanStatusCode.ERROR, message: error.message ?? error.code });
    span.end(hrTime(endMs));
  }
}

function exporterOf({ url, protocol }: OtlpTracerOptions): SpanExporter {
  return protocol === "grpc" ? new GrpcExporter({ url }) : new HttpExporter({ url });
}

function ignore(): void {
  // What could not be exported is in the tally.
}

/** Gives each span the identity that it has had all along: others were told it before the span ended. */
class GivenIds implements IdGenerator {
  next: TraceContext = { traceId: "", spanId: "", sampled: true };

  generateTraceId(): string {
    return this.next.traceId;
  }

  generateSpanId(): string {
    return this.next.spanId;
  }
}

/** Tells what became of each batch: why it was lost, if it was. */
function tallied(exporter: SpanExporter, settle: (count: number, reason: string | undefined) => void): SpanExporter {
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        settle(spans.length, result.code === ExportResultCode.SUCCESS ? undefined : messageOf(result.error ?? "the collector refused them"));
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    ...(exporter.forceFlush === undefined ? {} : { forceFlush: async () => exporter.forceFlush?.() }),
  };
}

function spanContext({ traceId, spanId, sampled }: TraceContext, isRemote: boolean): SpanContext {
  return { traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote };
}

/** Seconds and nanoseconds, which the SDK cannot mistake for a time since the process began. */
function hrTime(ms: number): [number, number] {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.min(999_999_999, Math.round((ms - seconds * 1000) * 1e6))];
}
