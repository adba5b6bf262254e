import { systemClock } from "@sightline/shared";
import { startTracing } from "@sightline/shared/telemetry";
import { RecordingLogger } from "../../hub/src/testing/recording-logger.ts";

/** Turns traces on in a process that has done nothing else, and tells what that took. */
const before = process.memoryUsage().rss;
const begun = performance.now();
const tracer = await startTracing({ config: { url: process.argv[2], protocol: "http/protobuf" }, service: { name: "sightline-agent", version: "0.0.0" }, clock: systemClock, logger: new RecordingLogger() });
const ms = performance.now() - begun;
process.send?.({ ms, rssBytes: process.memoryUsage().rss - before });
await tracer.close(1000);
process.disconnect?.();
