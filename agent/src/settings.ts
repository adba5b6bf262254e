import { Command, InvalidArgumentError, type Option } from "commander";
import { flag, type HostPort, hostPort, list, share, whole } from "@sightline/shared/flags";
import type { LogLevel } from "@sightline/shared/telemetry";
import { isClusterId } from "@sightline/shared/wire";
import { DEFAULT_TRACE_RATIO } from "./traces.ts";
import { AGENT_VERSION } from "./version.ts";

export interface AgentSettings {
  cluster: string;
  ordinal: number;
  natsUrl: string[];
  natsNkeySeedFile: string;
  natsCa?: string;
  dataDir: string;
  listen: HostPort;
  userAgent: string;
  maxConcurrency: number;
  traceRatio: number;
  logLevel: LogLevel;
}

/** Reads the flags; each is also an environment variable (`--nats-url` is `SIGHTLINE_NATS_URL`). Ends the process on a wrong one. */
export function readSettings(argv: readonly string[]): AgentSettings {
  const command = new Command("sightline-agent").version(AGENT_VERSION).description("Probes from inside one member cluster.");
  for (const option of options()) command.addOption(option);
  return command.parse(argv, { from: "user" }).opts<AgentSettings>();
}

const LOG_LEVELS: LogLevel[] = ["debug", "info", "warn", "error"];

function options(): Option[] {
  return [
    flag("--cluster <name>", "ID of the member cluster: the name of its ClusterRegistration").argParser(clusterId).makeOptionMandatory(),
    flag("--ordinal <n>", "which replica of the agent this is").argParser(whole(0)).default(0),
    flag("--nats-url <url>", "a NATS server; several by commas, or by repeating the flag").argParser(list).makeOptionMandatory(),
    flag("--nats-nkey-seed-file <file>", "file with the NKey seed of this agent").makeOptionMandatory(),
    flag("--nats-ca <file>", "file with the certificate authority of the NATS servers"),
    flag("--data-dir <dir>", "where the assignment set and unsent results are kept").makeOptionMandatory(),
    flag("--listen <host:port>", "where /metrics, /healthz and /readyz are served").argParser(hostPort).default(hostPort("127.0.0.1:9464"), "127.0.0.1:9464"),
    flag("--user-agent <text>", "User-Agent of probes whose monitor sets none").default(`sightline-agent/${AGENT_VERSION}`),
    flag("--max-concurrency <n>", "most probes under way at once").argParser(whole()).default(1000),
    flag("--trace-ratio <share>", "share (0 to 1) of successful probes whose traces are kept").argParser(share).default(DEFAULT_TRACE_RATIO),
    flag("--log-level <level>", "least level that is logged").choices(LOG_LEVELS).default("info"),
  ];
}

function clusterId(text: string): string {
  if (isClusterId(text)) return text;
  throw new InvalidArgumentError("It must be an RFC 1123 label of at most 63 characters.");
}
