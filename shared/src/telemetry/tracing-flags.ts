import { type Command, InvalidArgumentError } from "commander";
import { flag, httpUrl } from "../flags.ts";

const PROTOCOLS = ["http/protobuf", "grpc"] as const;
export type OtlpProtocol = (typeof PROTOCOLS)[number];

/** Where spans go. */
export interface TracingConfig {
  /** The very URL to send spans to; undefined when nothing is exported. */
  url: string | undefined;
  protocol: OtlpProtocol;
}

/** Share of what neither failed nor changed anything whose traces are kept. */
export const DEFAULT_TRACE_RATIO = 0.1;

export interface TracingFlags {
  otlpEndpoint?: string | undefined;
  otlpProtocol?: OtlpProtocol | undefined;
}

export function addTracingFlags(command: Command): Command {
  return command
    .addOption(flag("--otlp-endpoint <url>", "OpenTelemetry collector that gets the traces; without one none are made. OTEL_EXPORTER_OTLP_ENDPOINT does it too").argParser(endpoint))
    .addOption(flag("--otlp-protocol <protocol>", "how the collector is spoken to; OTEL_EXPORTER_OTLP_PROTOCOL does it too").choices(PROTOCOLS));
}

/**
 * A flag wins over OpenTelemetry's own variables, of which one for traces wins over one for everything
 * (https://opentelemetry.io/docs/specs/otel/protocol/exporter/). Headers, certificates, compression and time-out of the
 * exporter are read from those variables by the exporter itself.
 * @param refuse ends the program with a sentence.
 */
export function readTracing(flags: TracingFlags, env: NodeJS.ProcessEnv, refuse: (sentence: string) => never): TracingConfig {
  const protocol = flags.otlpProtocol ?? protocolOf(env, refuse);
  return { protocol, url: isDisabled(env) ? undefined : urlOf(flags, protocol, env, refuse) };
}

function protocolOf(env: NodeJS.ProcessEnv, refuse: (sentence: string) => never): OtlpProtocol {
  const named = firstSet(env, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL");
  if (named === undefined) return "http/protobuf";
  return PROTOCOLS.find((protocol) => protocol === named.value) ?? refuse(`error: environment variable '${named.name}' value '${named.value}' is invalid. Allowed choices are ${PROTOCOLS.join(", ")}.`);
}

function urlOf({ otlpEndpoint }: TracingFlags, protocol: OtlpProtocol, env: NodeJS.ProcessEnv, refuse: (sentence: string) => never): string | undefined {
  if (otlpEndpoint !== undefined) return tracesUrl(otlpEndpoint, protocol);
  const whole = firstSet(env, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
  const base = firstSet(env, "OTEL_EXPORTER_OTLP_ENDPOINT");
  const named = whole ?? base;
  if (named === undefined) return undefined;
  if (httpUrl(named.value) === undefined) refuse(`error: environment variable '${named.name}' value '${named.value}' is invalid. ${MUST_BE_URL}`);
  return whole === undefined ? tracesUrl(named.value, protocol) : named.value;
}

/** By HTTP, each kind of telemetry has a path of its own under the endpoint; gRPC needs none. */
function tracesUrl(endpoint: string, protocol: OtlpProtocol): string {
  return protocol === "grpc" ? endpoint : `${endpoint.replace(/\/+$/, "")}/v1/traces`;
}

function isDisabled(env: NodeJS.ProcessEnv): boolean {
  return env["OTEL_SDK_DISABLED"]?.toLowerCase() === "true" || env["OTEL_TRACES_EXPORTER"] === "none";
}

/** An empty variable counts as none. */
function firstSet(env: NodeJS.ProcessEnv, ...names: string[]): { name: string; value: string } | undefined {
  for (const name of names) {
    const value = env[name]?.trim() ?? "";
    if (value !== "") return { name, value };
  }
  return undefined;
}

const MUST_BE_URL = "It must be an http or https URL, such as http://collector:4318.";

function endpoint(text: string): string {
  if (httpUrl(text) !== undefined) return text;
  throw new InvalidArgumentError(MUST_BE_URL);
}
