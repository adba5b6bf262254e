import { Argument, Command, InvalidArgumentError, Option } from "commander";

/** What `sightline explain` is asked. */
export interface ExplainRequest {
  namespace: string;
  name: string;
  /** Undefined: as kubectl finds it. */
  kubeconfig: string | undefined;
  output: "text" | "json";
}

type MonitorName = Pick<ExplainRequest, "namespace" | "name">;
type Flags = Pick<ExplainRequest, "output"> & { kubeconfig?: string };

/** The command line. A wrong one ends the process with a sentence and code 1. */
export function commandLine(explain: (request: ExplainRequest) => Promise<void>): Command {
  const program = new Command("sightline").description("Looks at HTTPMonitors from the command line.");
  program
    .command("explain")
    .description("Says for each cluster why an HTTPMonitor runs there or not, and what the cluster last said.")
    .addArgument(new Argument("<namespace/name>", "the HTTPMonitor").argParser(monitorName))
    .addOption(new Option("--kubeconfig <file>", "kubeconfig of the hub's API server; without it KUBECONFIG, then ~/.kube/config"))
    .addOption(new Option("-o, --output <format>", "how it is printed").choices(["text", "json"]).default("text"))
    .action((monitor: MonitorName, flags: Flags) => explain({ ...monitor, kubeconfig: flags.kubeconfig, output: flags.output }));
  return program;
}

const NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

function monitorName(text: string): MonitorName {
  const [namespace = "", name = "", ...rest] = text.split("/");
  if (NAME.test(namespace) && NAME.test(name) && rest.length === 0) return { namespace, name };
  throw new InvalidArgumentError("It must be NAMESPACE/NAME, such as shop/checkout.");
}
