/** pnpm sandbox: up, down, doctor. Wiring only. */
import path from "node:path";

import { Command, InvalidArgumentError, Option } from "commander";

import type { ClusterSpec } from "./cluster-spec.ts";
import { parseClusterSpecs, THREE_CLUSTERS } from "./cluster-spec.ts";
import { examine, renderFindings } from "./doctor.ts";
import { takeDown } from "./down.ts";
import { messageOf } from "./errors.ts";
import { printer } from "./progress.ts";
import type { Sandbox } from "./sandbox.ts";
import { startSandbox } from "./sandbox.ts";
import type { SandboxState } from "./state.ts";

interface UpOptions {
  readonly dir: string;
  readonly clusters: ClusterSpec[];
  readonly hubs: number;
  readonly agents: boolean;
  readonly hubFlag: readonly string[];
  readonly agentFlag: readonly string[];
  readonly detach?: true;
}

/** As a shell says that a signal ended a command: 128 + SIGINT. */
const INTERRUPTED = 130;

async function up({ dir, clusters, hubs, agents, hubFlag, agentFlag, detach }: UpOptions): Promise<number> {
  const interrupt = interruption();
  const start = performance.now();
  const report = printer(process.stdout);
  let sandbox: Sandbox;
  try {
    sandbox = await startSandbox({ dir, clusters, hubs, agents, flags: { hub: hubFlag, agent: agentFlag }, onProgress: report, signal: interrupt });
  } catch (error) {
    if (!interrupt.aborted) throw error;
    console.log("Interrupted: everything that was started is ended.");
    return INTERRUPTED;
  }
  console.log(describeState(sandbox.state, (performance.now() - start) / 1000));
  if (detach !== true) return await keep(sandbox, interrupt);
  await sandbox.detach();
  console.log(`It runs on. End it with: pnpm sandbox down --dir ${sandbox.dir}`);
  return 0;
}

/** Stays until Ctrl-C, or until a part ends unasked; then ends everything. */
async function keep(sandbox: Sandbox, interrupt: AbortSignal): Promise<number> {
  console.log("Ctrl-C ends it.");
  // Parts do not keep this process alive: a timer does.
  const alive = setInterval(() => undefined, 60_000);
  await aborted(AbortSignal.any([interrupt, sandbox.failure]));
  clearInterval(alive);
  await sandbox.stop();
  if (!sandbox.failure.aborted) {
    console.log("\nThe sandbox is ended; nothing of it runs.");
    return 0;
  }
  console.error(`${messageOf(sandbox.failure.reason)}\nThe rest of the sandbox is ended; nothing of it runs.`);
  return 1;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

/** Aborts at the first signal that asks to end; more of them change nothing, since the end is under way. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => controller.abort(new Error(`interrupted by ${signal}`)));
  return controller.signal;
}

function describeState(state: SandboxState, seconds: number): string {
  const rows = [
    ["Kubernetes API", state.kubeApi],
    ["NATS", state.nats.join(", ")],
    ...state.hubs.map(({ name, api, pid }) => [name, `${api} (process ${pid})`]),
    ...state.agents.map(({ name, url, pid }) => [name, `${url} (process ${pid})`]),
    ["logs", path.join(state.dir, "logs")],
  ];
  const lines = rows.map(([name = "", text = ""]) => `  ${name.padEnd(16)} ${text}`);
  return [`The sandbox is up after ${seconds.toFixed(1)} s.`, ...lines, `Try: kubectl --kubeconfig ${state.kubeconfig} get clusterregistrations`, `To add a cluster, register it and: pnpm sightline join-command NAME -o token --kubeconfig ${state.kubeconfig} --keys-dir ${path.join(state.dir, "keys")}`].join("\n");
}

async function down({ dir }: { readonly dir: string }): Promise<number> {
  const { ended, gone } = await takeDown(dir);
  if (ended.length > 0) console.log(`Ended: ${ended.join(", ")}.`);
  if (gone.length > 0) console.log(`Had ended before: ${gone.join(", ")}.`);
  console.log(`Nothing of a sandbox runs in ${path.resolve(dir)}.`);
  return 0;
}

async function doctor(): Promise<number> {
  const findings = await examine();
  console.log(renderFindings(findings));
  return findings.some(({ state }) => state === "missing") ? 1 : 0;
}

function clusters(text: string): ClusterSpec[] {
  try {
    return parseClusterSpecs(text);
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
}

function replicas(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 0 || count > 9) throw new InvalidArgumentError("a whole number from 0 to 9");
  return count;
}

function alsoThis(flag: string, before: readonly string[]): string[] {
  return [...before, flag];
}

/** Runs a command to its exit status; an error is one message, without a stack. */
async function conclude(work: Promise<number>): Promise<void> {
  try {
    process.exitCode = await work;
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 1;
  }
}

const program = new Command("sandbox").description("Real Kubernetes API, NATS, hub and agents as processes on this machine");
program
  .command("up")
  .description("start a sandbox, and stay until Ctrl-C")
  .requiredOption("--dir <dir>", "its folder: new, empty, or an earlier sandbox's")
  .addOption(new Option("--clusters <list>", "member clusters: name[:region[:environment]], parted by commas").argParser(clusters).default(parseClusterSpecs(THREE_CLUSTERS), THREE_CLUSTERS))
  .option("--hubs <n>", "replicas of the hub; 0 for none", replicas, 1)
  .option("--no-agents", "register the clusters, but start no agents")
  .addOption(new Option("--hub-flag <flag>", "a flag for each hub, as --hub-flag=--trace-ratio=1; may be given again").argParser(alsoThis).default([], "none"))
  .addOption(new Option("--agent-flag <flag>", "the same for each agent").argParser(alsoThis).default([], "none"))
  .option("--detach", "return when all is ready, and let it run on")
  .action((options: UpOptions) => conclude(up(options)));
program
  .command("down")
  .description("end a sandbox, whatever state it is in")
  .requiredOption("--dir <dir>", "its folder")
  .action((options: { readonly dir: string }) => conclude(down(options)));
program
  .command("doctor")
  .description("say what is missing, and where each binary would come from")
  .action(() => conclude(doctor()));
await program.parseAsync();
