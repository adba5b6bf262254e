import { createInterface } from "node:readline/promises";
import { type Clock, systemClock } from "@sightline/shared";
import { Argument, InvalidArgumentError, Option } from "commander";
import { removeRegistration } from "../admission/registration.ts";
import { createKubeClient, type KubeClient, loadUserKubeConfig } from "../kube/client.ts";
import { HUB_LEASE, LeaseStore } from "../kube/leases.ts";
import { HELD_KINDS, namespaceIsThere, releaseAll, releaseOne, type Released } from "../uninstall/release.ts";
import { remains } from "../uninstall/remains.ts";
import { STAND_DOWN_MS, standHubsDown } from "../uninstall/stand-down.ts";
import { type AddCommand, kubeconfigOption } from "./program.ts";

const REQUEST_TIMEOUT_MS = 10_000;

/** What `sightline uninstall` is asked. */
export interface UninstallRequest {
  kubeconfig?: string;
  hubNamespace: string;
  yes: boolean;
}

/** What `sightline release` is asked: all of a namespace without a name. */
export interface ReleaseRequest {
  kubeconfig?: string;
  namespace: string;
  name: string | undefined;
}

/** The command `uninstall`. */
export function uninstallCommand(uninstall: (request: UninstallRequest) => Promise<void>): AddCommand {
  return (program) =>
    void program
      .command("uninstall")
      .description("Takes an installation out of the way of its cluster: the admission webhook first, then the finalizers.")
      .addOption(kubeconfigOption())
      .addOption(new Option("--hub-namespace <namespace>", "where the hub runs").default("sightline-system"))
      .addOption(new Option("--yes", "do not ask").default(false))
      .action((request: UninstallRequest) => uninstall(request));
}

/** The command `release`. */
export function releaseCommand(release: (request: ReleaseRequest) => Promise<void>): AddCommand {
  return (program) =>
    void program
      .command("release")
      .description("Lets go of deleted HTTPMonitors that wait for a hub which does not run: of a namespace, or a single one.")
      .addArgument(new Argument("<namespace[/name]>", "the namespace, or one HTTPMonitor").argParser(target))
      .addOption(kubeconfigOption())
      .action((what: Pick<ReleaseRequest, "namespace" | "name">, flags: { kubeconfig?: string }) => release({ ...what, ...flags }));
}

const NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

function target(text: string): Pick<ReleaseRequest, "namespace" | "name"> {
  const [namespace = "", name, ...rest] = text.split("/");
  if (NAME.test(namespace) && (name === undefined || NAME.test(name)) && rest.length === 0) return { namespace, name };
  throw new InvalidArgumentError("It must be a NAMESPACE or NAMESPACE/NAME, such as shop or shop/checkout.");
}

/** @throws KubeError */
export async function runUninstall({ kubeconfig, hubNamespace, yes }: UninstallRequest): Promise<void> {
  const client = clientOf(kubeconfig);
  if (!yes && !(await isWanted(client.config.getCurrentCluster()?.server ?? ""))) return say("Nothing was changed. --yes does it without asking.", 1);
  await standDown(client, hubNamespace, systemClock);
  const removed = await removeRegistration(client);
  say(removed.length === 0 ? "The admission webhook was not registered." : `Removed: ${removed.join(", ")}.`);
  for (const kind of HELD_KINDS) {
    const { plural } = kind.resource;
    const released = await releaseAll(client, kind, { deletedOnly: false }, (count) => say(`  ${plural}: ${count} released`));
    say(`Released all ${plural} (${released.released} had our finalizer).${others(released)}`);
  }
  say(remains(hubNamespace, STAND_DOWN_MS / 3_600_000));
}

/** @throws KubeError */
export async function runRelease({ kubeconfig, namespace, name }: ReleaseRequest): Promise<void> {
  const client = clientOf(kubeconfig);
  const [kind] = HELD_KINDS;
  if (kind === undefined) return;
  if (name !== undefined) {
    const one = await releaseOne(client, kind, { namespace, name });
    if (one === undefined) return say(`There is no HTTPMonitor ${namespace}/${name}: nothing holds it.`);
    if (!one.deleted) return say(`HTTPMonitor ${namespace}/${name} is not being deleted: delete it first (kubectl -n ${namespace} delete httpmonitor ${name} --wait=false).`, 1);
    return say(`Released HTTPMonitor ${namespace}/${name}.${others(one)}\n${LATER}`);
  }
  const released = await releaseAll(client, kind, { namespace, deletedOnly: true }, (count) => say(`  ${count} released`));
  if (released.released === 0 && !(await namespaceIsThere(client, namespace))) return say(`There is no namespace ${namespace}: nothing holds it.`);
  if (released.released === 0) return say(`No HTTPMonitor that is being deleted in namespace ${namespace} waits for a hub.${others(released)}`);
  say(`Released ${released.released} HTTPMonitors of namespace ${namespace}.${others(released)}\n${LATER}`);
}

const LATER = "Their checks run on in the agents until a hub runs again, which withdraws them.";

function others({ heldByOthers }: Released): string {
  return heldByOthers.length === 0 ? "" : ` Finalizers of others still hold ${heldByOthers.length}: ${heldByOthers.slice(0, 10).join(", ")}${heldByOthers.length > 10 ? ", …" : ""}.`;
}

async function standDown(client: KubeClient, namespace: string, clock: Clock): Promise<void> {
  await standHubsDown({ lease: new LeaseStore(client, { namespace, name: HUB_LEASE }), clock, waits: sayWaits });
}

function sayWaits(holder: string, ms: number): void {
  say(`Hub ${holder} led: waiting ${Math.ceil(ms / 1000)} s for it to stand by.`);
}

async function isWanted(server: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const dialogue = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await dialogue.question(`Take Sightline out of ${server}? Its monitors are no longer looked after. Type yes: `)) === "yes";
  } finally {
    dialogue.close();
  }
}

function clientOf(kubeconfig: string | undefined): KubeClient {
  return createKubeClient(loadUserKubeConfig(kubeconfig), { clock: systemClock, timeoutMs: REQUEST_TIMEOUT_MS, userAgent: "sightline" });
}

function say(text: string, exitCode = 0): void {
  process.stdout.write(`${text}\n`);
  if (exitCode !== 0) process.exitCode = exitCode;
}
