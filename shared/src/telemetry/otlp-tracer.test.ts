import { createServer } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ManualClock } from "../testing/manual-clock.ts";
import { type LogFields, type Logger, silentLogger } from "./log.ts";
import { createOtlpTracer } from "./otlp-tracer.ts";
import type { Tracer } from "./span.ts";
import { newTrace } from "./trace-context.ts";

const MESSAGE = "Spans were lost on the way to the collector";

/** A collector that refuses whatever comes, for good. */
describe("spans that a collector refuses", () => {
  const clock = new ManualClock();
  const collector = createServer((request, response) => void request.resume().on("end", () => response.writeHead(400).end()));
  const said: [string, LogFields | undefined][] = [];
  const logger: Logger = { ...silentLogger, warn: (message, fields) => void said.push([message, fields]) };
  let tracer: Tracer;
  beforeEach(async () => {
    await new Promise<void>((resolve) => void collector.listen(0, "127.0.0.1", resolve));
    const address = collector.address();
    const port = typeof address === "object" ? address?.port : undefined;
    said.length = 0;
    tracer = createOtlpTracer({ url: `http://127.0.0.1:${port}/v1/traces`, protocol: "http/protobuf", service: { name: "sightline-hub", version: "0" }, clock, logger });
  });
  afterEach(async () => {
    await tracer.close(1000);
    await new Promise((resolve) => collector.close(resolve));
  });

  const exportOne = (): void => tracer.export({ name: "reconcile", kind: "internal", context: newTrace(true), startMs: 0, endMs: 1, attributes: {} });

  it("are told of when the answer comes, though no further span does", async () => {
    exportOne();
    await expect.poll(() => said, { timeout: 5000 }).toMatchObject([[MESSAGE, { lost: 1 }]]);
  });

  it("are told of at the end, also within a minute of the last time", async () => {
    exportOne();
    await expect.poll(() => said.length, { timeout: 5000 }).toBe(1);
    exportOne();
    exportOne();
    await tracer.close(5000);
    expect(said).toMatchObject([[MESSAGE, { lost: 1 }], [MESSAGE, { lost: 2 }]]);
    expect(String(said[1]?.[1]?.["reason"])).not.toContain("stops");
  });
});
