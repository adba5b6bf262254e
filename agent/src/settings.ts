import { isIP } from "node:net";
import { Command, InvalidArgumentError, type Option } from "commander";
import { debugListenFlag, isLoopback } from "@sightline/shared/debug";
import { flag, type HostPort, hostPort, list, share, whole } from "@sightline/shared/flags";
import { addTracingFlags, DEFAULT_TRACE_RATIO, LOG_LEVELS, type LogLevel, readTracing, type TracingConfig, type TracingFlags } from "@sightline/shared/telemetry";
import { isClusterId } from "@sightline/shared/wire";
import { AGENT_VERSION } from "./version.ts";

export interface AgentSettings {
  cluster: string;
  ordinal: number;
  natsUrl: string[];
  natsCreds: string;
  natsCa?: string;
  hubKey: string[];
  nodeAddress: string[];
  dataDir: string;
  listen: HostPort;
  userAgent: string;
  maxConcurrency: number;
  traceRatio: number;
  tracing: TracingConfig;
  logLevel: LogLevel;
  debugListen?: HostPort;
}

/** Reads the flags; each is also an environment variable (`--nats-url` is `SIGHTLINE_NATS_URL`). Ends the process on a wrong one. */
export function readSettings(argv: readonly string[]): AgentSettings {
  const command = new Command("sightline-agent").version(AGENT_VERSION).description("Probes from inside one member cluster.");
  for (const option of options()) command.addOption(option);
  addTracingFlags(command);
  const { otlpEndpoint, otlpProtocol, ...settings } = command.parse(argv, { from: "user" }).opts<Omit<AgentSettings, "tracing"> & TracingFlags>();
  return { ...settings, tracing: readTracing({ otlpEndpoint, otlpProtocol }, process.env, (sentence) => command.error(sentence)) };
}

function options(): Option[] {
  return [
    flag("--cluster <name>", "ID of the member cluster: the name of its ClusterRegistration").argParser(clusterId).makeOptionMandatory(),
    flag("--ordinal <n>", "which replica of the agent this is").argParser(whole(0)).default(0),
    flag("--nats-url <url>", "a NATS server; several by commas, or by repeating the flag").argParser(list).makeOptionMandatory(),
    flag("--nats-creds <file>", "NATS credentials file of this agent").makeOptionMandatory(),
    flag("--nats-ca <file>", "file with the certificate authority of the NATS servers"),
    flag("--node-address <address>", "address of this node, which no monitor may reach; several by commas").argParser(addresses).default([], "none"),
    flag("--hub-key <keys>", "public keys (N…) of the hub, by commas: assignments that none of them signed are not run").argParser(list).makeOptionMandatory(),
    flag("--data-dir <dir>", "where the assignment set and unsent results are kept").makeOptionMandatory(),
    flag("--listen <host:port>", "where /metrics, /healthz and /readyz are served").argParser(hostPort).default(hostPort("127.0.0.1:9464"), "127.0.0.1:9464"),
    flag("--user-agent <text>", "User-Agent of probes whose monitor sets none").default(`sightline-agent/${AGENT_VERSION}`),
    flag("--max-concurrency <n>", "most probes under way at once").argParser(whole()).default(1000),
    flag("--trace-ratio <share>", "share (0 to 1) of successful probes whose traces are kept").argParser(share).default(DEFAULT_TRACE_RATIO),
    flag("--log-level <level>", "least level that is logged").choices(LOG_LEVELS).default("info"),
    debugListenFlag().argParser(loopback),
  ];
}

/** The agent knows nobody whom it could ask for rights: only who is in its pod already may look into it. */
function loopback(text: string): HostPort {
  const listen = hostPort(text);
  if (isLoopback(listen)) return listen;
  throw new InvalidArgumentError("It must be a loopback address, such as 127.0.0.1:6060: nobody is asked who they are.");
}

function addresses(text: string, before: string[] | undefined): string[] {
  const all = list(text, before);
  if (all.every((address) => isIP(address) !== 0)) return all;
  throw new InvalidArgumentError("It must be IP addresses, such as 10.0.0.7 or 10.0.0.7,fd00::7.");
}

function clusterId(text: string): string {
  if (isClusterId(text)) return text;
  throw new InvalidArgumentError("It must be an RFC 1123 label of at most 63 characters.");
}
