import { duration } from "@sightline/shared/flags";
import { isClusterId } from "@sightline/shared/wire";
import { InvalidArgumentError, Option } from "commander";
import { HUB_VERSION } from "../../version.ts";
import { type AddCommand, kubeconfigOption } from "../program.ts";

const JOIN_OUTPUTS = ["helm", "manifest", "token", "helm-values"] as const;

/** What `sightline join-command` is asked. */
export interface JoinRequest {
  /** One cluster, or undefined where a selector names many. */
  name: string | undefined;
  selector: string | undefined;
  kubeconfig: string | undefined;
  /** Folder with the installation's keys; undefined: the Secret in the hub's namespace. */
  keysDir: string | undefined;
  hubNamespace: string;
  ttlMs: number;
  output: (typeof JOIN_OUTPUTS)[number];
  /** An agent that is known may be replaced. */
  renew: boolean;
  agentNamespace: string;
  image: string;
  chart: string;
  /** One file for each cluster, in this folder. */
  outDir: string | undefined;
}

type Flags = Omit<JoinRequest, "name" | "ttlMs" | "renew"> & { ttl: number; renew?: true };

const MAX_TTL_MS = 86_400_000;

/** The command `join-command`. */
export function joinCommand(run: (request: JoinRequest) => Promise<void>): AddCommand {
  return (program) => {
    const command = program
      .command("join-command")
      .description("Makes a join token for a cluster that is registered, and prints how its agent is installed with it.")
      .argument("[name]", "name of the ClusterRegistration", clusterName)
      .addOption(new Option("--selector <selector>", "instead of a name: labels of the registrations, as env=prod,tier in (edge)"))
      .addOption(new Option("-o, --output <format>", "one line for Helm, objects for kubectl, the token alone, or values for Helm").choices(JOIN_OUTPUTS).default("helm"))
      .addOption(new Option("--ttl <duration>", "how long the token may be used; at most 24h").argParser(timeToLive).default(3_600_000, "1h"))
      .addOption(new Option("--renew", "for a cluster whose agent lost its keys: another one takes its place, and must be accepted anew"))
      .addOption(kubeconfigOption())
      .addOption(new Option("--keys-dir <dir>", "folder with the installation's keys; without it the Secret sightline-keys is read"))
      .addOption(new Option("--hub-namespace <namespace>", "the hub's namespace, where that Secret is").default("sightline-system"))
      .addOption(new Option("--agent-namespace <namespace>", "where the agent is to run, in its cluster").default("sightline-agent"))
      .addOption(new Option("--image <image>", "the agent's image, for -o manifest").default(`ghcr.io/example/sightline-agent:${HUB_VERSION}`))
      .addOption(new Option("--chart <chart>", "the agent's chart, for -o helm").default("oci://ghcr.io/example/charts/sightline-agent"))
      .addOption(new Option("--out-dir <dir>", "one file for each cluster in this folder, in place of printing"))
      .action((name: string | undefined, { ttl: ttlMs, renew, ...flags }: Flags) => {
        if ((name === undefined) === (flags.selector === undefined)) command.error("error: name one cluster, or many by --selector");
        return run({ ...flags, name, ttlMs, renew: renew === true });
      });
  };
}

function clusterName(text: string): string {
  if (isClusterId(text)) return text;
  throw new InvalidArgumentError("It must be the name of a ClusterRegistration: an RFC 1123 label of at most 63 characters.");
}

function timeToLive(text: string): number {
  const ms = duration(text);
  if (ms >= 60_000 && ms <= MAX_TTL_MS) return ms;
  throw new InvalidArgumentError("It must be between 1m and 24h.");
}
