import { Argument, Command, InvalidArgumentError, Option } from "commander";
import { duration } from "@sightline/shared/flags";
import { CHECK_DEFAULTS, type CheckDefaults } from "../monitors/check.ts";

/** What `sightline explain` is asked. */
export interface ExplainRequest {
  namespace: string;
  name: string;
  /** Undefined: as kubectl finds it. */
  kubeconfig: string | undefined;
  /** What the hub's flags say: they are nowhere to be seen. */
  defaults: CheckDefaults;
  output: "text" | "json";
}

/** Adds one command to the program. */
export type AddCommand = (program: Command) => void;

/** The command line of these commands. A wrong one ends the process with a sentence and code 1. */
export function commandLine(...commands: readonly AddCommand[]): Command {
  const program = new Command("sightline").description("Looks at HTTPMonitors, and after their installation, from the command line.");
  for (const add of commands) add(program);
  return program;
}

type MonitorName = Pick<ExplainRequest, "namespace" | "name">;
type Flags = Pick<ExplainRequest, "output"> & { kubeconfig?: string; defaultInterval: number; defaultTimeout: number };

/** The command `explain`. */
export function explainCommand(explain: (request: ExplainRequest) => Promise<void>): AddCommand {
  return (program) =>
    void program
      .command("explain")
      .description("Says for each cluster why an HTTPMonitor runs there or not, and what the cluster last said.")
      .addArgument(new Argument("<namespace/name>", "the HTTPMonitor").argParser(monitorName))
      .addOption(kubeconfigOption())
      .addOption(new Option("--default-interval <duration>", "as the hub's flag says").argParser(duration).default(CHECK_DEFAULTS.intervalMs, "30s"))
      .addOption(new Option("--default-timeout <duration>", "as the hub's flag says").argParser(duration).default(CHECK_DEFAULTS.timeoutMs, "5s"))
      .addOption(new Option("-o, --output <format>", "how it is printed").choices(["text", "json"]).default("text"))
      .action((monitor: MonitorName, flags: Flags) => explain({ ...monitor, ...requestOf(flags) }));
}

/** Of every command that speaks to the hub's API server. */
export function kubeconfigOption(): Option {
  return new Option("--kubeconfig <file>", "kubeconfig of the hub's API server; without it KUBECONFIG, then ~/.kube/config, then the pod's ServiceAccount");
}

function requestOf({ kubeconfig, defaultInterval: intervalMs, defaultTimeout: timeoutMs, output }: Flags): Omit<ExplainRequest, keyof MonitorName> {
  return { kubeconfig, defaults: { intervalMs, timeoutMs }, output };
}

const NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

function monitorName(text: string): MonitorName {
  const [namespace = "", name = "", ...rest] = text.split("/");
  if (NAME.test(namespace) && NAME.test(name) && rest.length === 0) return { namespace, name };
  throw new InvalidArgumentError("It must be NAMESPACE/NAME, such as shop/checkout.");
}
