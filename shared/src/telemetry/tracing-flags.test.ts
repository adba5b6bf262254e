import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { addTracingFlags, readTracing, type TracingConfig, type TracingFlags } from "./tracing-flags.ts";

function read(argv: string[], env: NodeJS.ProcessEnv = {}): TracingConfig {
  const command = addTracingFlags(new Command()).exitOverride().configureOutput({ writeErr: () => undefined });
  const flags = command.parse(argv, { from: "user" }).opts<TracingFlags>();
  return readTracing(flags, env, (sentence) => {
    throw new Error(sentence);
  });
}

const HTTP = "http/protobuf";

describe("where traces go", () => {
  it.each<[string, string[], NodeJS.ProcessEnv, TracingConfig]>([
    ["nowhere, when nothing is said", [], {}, { url: undefined, protocol: HTTP }],
    ["under the endpoint, by HTTP", ["--otlp-endpoint", "http://c:4318"], {}, { url: "http://c:4318/v1/traces", protocol: HTTP }],
    ["under an endpoint with a path", ["--otlp-endpoint", "https://c/otlp/"], {}, { url: "https://c/otlp/v1/traces", protocol: HTTP }],
    ["to the endpoint itself, by gRPC", ["--otlp-endpoint", "http://c:4317", "--otlp-protocol", "grpc"], {}, { url: "http://c:4317", protocol: "grpc" }],
    ["where the environment says", [], { OTEL_EXPORTER_OTLP_ENDPOINT: "http://e:1", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, { url: "http://e:1", protocol: "grpc" }],
    ["where it says for traces, as it stands", [], { OTEL_EXPORTER_OTLP_ENDPOINT: "http://e:1", OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://t:2/x" }, { url: "http://t:2/x", protocol: HTTP }],
    ["where the flag says, whatever the environment does", ["--otlp-endpoint", "http://c"], { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://t:2/x" }, { url: "http://c/v1/traces", protocol: HTTP }],
    ["nowhere, by an empty variable", [], { OTEL_EXPORTER_OTLP_ENDPOINT: " " }, { url: undefined, protocol: HTTP }],
    ["nowhere, when the SDK is disabled", ["--otlp-endpoint", "http://c"], { OTEL_SDK_DISABLED: "TRUE" }, { url: undefined, protocol: HTTP }],
    ["nowhere, when no exporter is wanted", [], { OTEL_EXPORTER_OTLP_ENDPOINT: "http://e:1", OTEL_TRACES_EXPORTER: "none" }, { url: undefined, protocol: HTTP }],
  ])("is %s", (_what, argv, env, expected) => expect(read(argv, env)).toEqual(expected));

  it.each<[string[], NodeJS.ProcessEnv, RegExp]>([
    [["--otlp-endpoint", "collector:4317"], {}, /It must be an http or https URL/],
    [["--otlp-protocol", "http/json"], {}, /Allowed choices are http\/protobuf, grpc/],
    [[], { OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4317" }, /'OTEL_EXPORTER_OTLP_ENDPOINT' value 'collector:4317' is invalid. It must be an http or https URL/],
    [[], { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json" }, /'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL' value 'http\/json' is invalid. Allowed choices are http\/protobuf, grpc/],
  ])("is refused with a sentence for %j %j", (argv, env, sentence) => expect(() => read(argv, env)).toThrow(sentence));
});
