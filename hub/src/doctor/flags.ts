import { type Command, InvalidArgumentError, Option } from "commander";
import { duration, httpUrl, list, natsServers, whole } from "@sightline/shared/flags";
import { type AddCommand, kubeconfigOption } from "../cli/program.ts";
import { CHECK_DEFAULTS } from "../monitors/check.ts";

/** What `sightline doctor` is asked. Times in milliseconds. */
export interface DoctorRequest {
  /** Undefined: as kubectl finds it. */
  kubeconfig: string | undefined;
  hubNamespace: string;
  /** Undefined: NATS is not looked at. */
  nats: { servers: string[]; credsFile: string; caFile: string | undefined; replicas: number | undefined } | undefined;
  natsMonitorUrls: string[];
  hubUrls: string[];
  agentUrls: string[];
  refreshBudget: number;
  defaultIntervalMs: number;
  timeoutMs: number;
  output: "text" | "json";
}

interface Flags {
  kubeconfig?: string;
  hubNamespace: string;
  natsUrl?: string[];
  natsCreds?: string;
  natsCa?: string;
  natsReplicas?: number;
  natsMonitorUrl?: string[];
  hubUrl?: string[];
  agentUrl?: string[];
  refreshBudget: number;
  defaultInterval: number;
  timeout: number;
  output: "text" | "json";
}

/** As of a look that was in vain: with a wrong command line nothing is looked at. */
export const WRONG_COMMAND_LINE = 2;

/** The command `doctor`. A wrong command line ends the process with a sentence and code 2. */
export function doctorCommand(doctor: (request: DoctorRequest) => Promise<void>): AddCommand {
  return (program) =>
    void program
      .command("doctor")
      .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : WRONG_COMMAND_LINE))
      .description("Looks at an installation from outside, and says of each check whether it is in order. Changes nothing.")
      .addOption(kubeconfigOption())
      .addOption(new Option("--hub-namespace <namespace>", "where the hub's ServiceAccount and lease are").default("sightline-system"))
      .addOption(new Option("--nats-url <urls>", "NATS servers (tls://host:port), separated by commas; without it NATS is not looked at").argParser(natsServers))
      .addOption(new Option("--nats-creds <file>", "NATS credentials file of the hub, or of a user of its account that may look"))
      .addOption(new Option("--nats-ca <file>", "certificate authority of the NATS servers"))
      .addOption(new Option("--nats-replicas <n>", "replicas that each stream should have, as the hub's flag says; without it any number").argParser(whole()))
      .addOption(new Option("--nats-monitor-url <urls>", "monitoring endpoints of the NATS servers, such as http://nats-0:8222").argParser(roots))
      .addOption(new Option("--hub-url <urls>", "each hub's API, such as http://hub-0:8080").argParser(roots))
      .addOption(new Option("--agent-url <urls>", "agents' listeners, such as http://agent:9464").argParser(roots))
      .addOption(new Option("--refresh-budget <n>", "as the hub's flag says").argParser(whole()).default(50))
      .addOption(new Option("--default-interval <duration>", "as the hub's flag says").argParser(duration).default(CHECK_DEFAULTS.intervalMs, "30s"))
      .addOption(new Option("--timeout <duration>", "how long one request may take").argParser(duration).default(10_000, "10s"))
      .addOption(new Option("-o, --output <format>", "how it is printed").choices(["text", "json"]).default("text"))
      .action((flags: Flags, command: Command) => doctor(readDoctor(flags, command)));
}

function readDoctor(flags: Flags, command: Command): DoctorRequest {
  const { natsUrl: servers, natsCreds: credsFile } = flags;
  if (servers !== undefined && credsFile === undefined) command.error("error: --nats-url takes --nats-creds too");
  if (servers === undefined) refuse(command, { "--nats-creds": credsFile, "--nats-ca": flags.natsCa, "--nats-replicas": flags.natsReplicas });
  return {
    kubeconfig: flags.kubeconfig,
    hubNamespace: flags.hubNamespace,
    nats: servers === undefined || credsFile === undefined ? undefined : { servers, credsFile, caFile: flags.natsCa, replicas: flags.natsReplicas },
    natsMonitorUrls: flags.natsMonitorUrl ?? [],
    hubUrls: flags.hubUrl ?? [],
    agentUrls: flags.agentUrl ?? [],
    refreshBudget: flags.refreshBudget,
    defaultIntervalMs: flags.defaultInterval,
    timeoutMs: flags.timeout,
    output: flags.output,
  };
}

/** Flags about NATS that would be of no effect: NATS is only looked at by its URL. */
function refuse(command: Command, given: Readonly<Record<string, unknown>>): void {
  for (const [flag, value] of Object.entries(given)) if (value !== undefined) command.error(`error: ${flag} goes with --nats-url, which was not given`);
}

/** Addresses of listeners, without a slash at the end: paths are appended. */
function roots(text: string, before: string[] | undefined): string[] {
  const urls = list(text, before);
  const odd = urls.find((url) => !isRoot(url));
  if (odd !== undefined) throw new InvalidArgumentError(`It must be http://host:port, or https, without a path. Not so: ${odd}.`);
  return urls.map((url) => url.replace(/\/+$/, ""));
}

function isRoot(text: string): boolean {
  const url = httpUrl(text);
  return url !== undefined && /^\/*$/.test(url.pathname) && url.search === "" && url.hash === "";
}
