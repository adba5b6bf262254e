import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStage, type Stage } from "../../kit/sandbox.ts";
import { type SeenSpan, spansIn } from "../../kit/spans.ts";
import { waitUntil } from "../../kit/wait.ts";
import { type Collector, type SandboxOptions, startCollector } from "../../sandbox/mod.ts";

/** A stage whose hub exports by HTTP, and its agent by gRPC, to one collector. Chance keeps nothing. */
export interface TracedStage extends Stage {
  collector: Collector;
  /** Waits until the collector has what `find` looks for among all spans, and gives that. */
  untilTraced<T>(what: string, find: (spans: readonly SeenSpan[]) => T | undefined | false): Promise<T>;
}

export async function openTracedStage(clusters: string, options: Pick<SandboxOptions, "programs"> = {}): Promise<TracedStage> {
  const dir = await mkdtemp(join(tmpdir(), "sightline-collector-"));
  const collector = await startCollector({ dir });
  const flags = {
    hub: ["--otlp-endpoint", collector.http, "--trace-ratio", "0"],
    agent: ["--otlp-endpoint", collector.grpc, "--otlp-protocol", "grpc", "--trace-ratio", "0"],
  };
  const stage = await openStage(clusters, { ...options, flags });
  return {
    ...stage,
    collector,
    untilTraced: (what, find) => waitUntil({ what, timeoutMs: 60_000, everyMs: 100 }, async () => find(await spansIn(collector.traces))),
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]();
      await collector.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** The spans of one trace, each by its name and its parent's: `child < parent`. A write that met a conflict is there twice: named once. */
export function shapeOf(spans: readonly SeenSpan[], traceId: string): string[] {
  const trace = spans.filter((span) => span.traceId === traceId);
  const names = new Map(trace.map(({ spanId, name }) => [spanId, name]));
  return [...new Set(trace.map(({ name, parentSpanId }) => (parentSpanId === "" ? name : `${name} < ${names.get(parentSpanId) ?? "unknown"}`)))].toSorted();
}
