/** Run as a program: loads hub and agent, starts tracing as its only argument says ("" is not at all), and prints how many of OpenTelemetry's modules were asked for. */
import { registerHooks } from "node:module";

let asked = 0;
registerHooks({
  resolve(specifier, context, next) {
    // prom-client wants the bare API in any case, for exemplars.
    if (specifier.startsWith("@opentelemetry/") && context.parentURL?.includes("/prom-client/") !== true) asked += 1;
    return next(specifier, context);
  },
});

const { systemClock } = await import("@sightline/shared");
const { noTracer, silentLogger, startTracing } = await import("@sightline/shared/telemetry");
await import("../../hub/src/hub.ts");
await import("../../agent/src/agent.ts");
const [, , url = ""] = process.argv;
const config = { url: url === "" ? undefined : url, protocol: "http/protobuf" } as const;
const tracer = await startTracing({ config, service: { name: "sightline-hub", version: "0" }, clock: systemClock, logger: silentLogger });
console.log(JSON.stringify({ asked, off: tracer === noTracer }));
process.exit(0);
