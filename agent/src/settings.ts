import { isIP } from "node:net";
import { Command, InvalidArgumentError, type Option } from "commander";
import { debugListenFlag, isLoopback } from "@sightline/shared/debug";
import { flag, type HostPort, hostPort, list, natsServers, share, whole } from "@sightline/shared/flags";
import { addTracingFlags, DEFAULT_TRACE_RATIO, LOG_LEVELS, type LogLevel, readTracing, type TracingConfig, type TracingFlags } from "@sightline/shared/telemetry";
import { isClusterId } from "@sightline/shared/wire";
import { parseHostPattern } from "./probe/egress/host-pattern.ts";
import { parseRange } from "./probe/egress/range.ts";
import { AGENT_VERSION } from "./version.ts";

export interface AgentSettings {
  cluster: string;
  ordinal: number;
  joinTokenFile?: string;
  identitySecret?: { namespace: string; name: string };
  natsUrl?: string[];
  natsCreds?: string;
  natsCa?: string;
  hubKey?: string[];
  nodeAddress: string[];
  protectedAddress: string[];
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
  const { natsCreds, natsUrl, hubKey } = settings;
  if (natsCreds !== undefined && (natsUrl === undefined || hubKey === undefined)) command.error("error: --nats-creds needs --nats-url and --hub-key: there is no join token that says them");
  return { ...settings, tracing: readTracing({ otlpEndpoint, otlpProtocol }, process.env, (sentence) => command.error(sentence)) };
}

function options(): Option[] {
  return [
    flag("--cluster <name>", "ID of the member cluster: the name of its ClusterRegistration").argParser(clusterId).makeOptionMandatory(),
    flag("--ordinal <n>", "which replica of the agent this is").argParser(whole(0)).default(0),
    flag("--join-token-file <file>", "file with what sightline join-command printed; needed until the agent has enrolled"),
    flag("--identity-secret <namespace/name>", "Secret that the agent keeps its keys in; without it they are kept under --data-dir").argParser(secretName),
    flag("--nats-url <url>", "NATS servers (tls://host:port) in place of those that the join token names; several by commas, or by repeating the flag").argParser(natsServers),
    flag("--nats-ca <file>", "file with the certificate authority of the NATS servers, in place of the join token's"),
    flag("--nats-creds <file>", "NATS credentials that somebody else looks after, in place of enrolling; goes with --nats-url and --hub-key"),
    flag("--node-address <address>", "address of this node, which no monitor may reach; several by commas").argParser(addresses).default([], "none"),
    flag("--protected-address <range>", "CIDR, address or host that no monitor may reach; several by commas, or by repeating the flag").argParser(ranges).default([], "none"),
    flag("--hub-key <keys>", "public keys (N…) of the hub, by commas: assignments that none of them signed are not run; goes with --nats-creds").argParser(list),
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

function ranges(text: string, before: string[] | undefined): string[] {
  const all = list(text, before).map((entry) => entry.toLowerCase());
  if (all.every((entry) => parseRange(entry) !== undefined || (!entry.startsWith("*.") && parseHostPattern(entry) !== undefined))) return all;
  throw new InvalidArgumentError("It must be CIDRs, addresses or host names, such as 10.0.0.0/24, fd00::7 or api.example.com.");
}

function secretName(text: string): { namespace: string; name: string } {
  const [namespace = "", name = "", ...rest] = text.split("/");
  if (namespace !== "" && name !== "" && rest.length === 0) return { namespace, name };
  throw new InvalidArgumentError("It must be NAMESPACE/NAME, such as sightline-agent/sightline-agent-identity.");
}

function clusterId(text: string): string {
  if (isClusterId(text)) return text;
  throw new InvalidArgumentError("It must be an RFC 1123 label of at most 63 characters.");
}
