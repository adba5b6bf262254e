import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { HubApi } from "../kit/hub-api.ts";
import { freePorts } from "../kit/ports.ts";
import { startTarget } from "../kit/target.ts";
import { parseClusterSpecs, printer, type Sandbox, startSandbox, THREE_CLUSTERS } from "../sandbox/mod.ts";
import { DEMO_NAMESPACE, makeSamples, type Sample } from "./samples.ts";
import { watch } from "./watch.ts";

const MEND_AFTER_MS = 15_000;
const ONCE_TIMEOUT_MS = 120_000;

/** The main job on an embedded sandbox: real API server, NATS, hub and three agents, and targets that behave in six ways. */
async function main(): Promise<void> {
  const { once } = new Command("demo").option("--once", "end as soon as each sample has shown the status that it should").parse().opts<{ once?: true }>();
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort(new Error(`ended by ${signal}`)));

  const dir = await mkdtemp(join(tmpdir(), "sightline-demo-"));
  await using target = await startTarget();
  const [closedPort = 0] = await freePorts(1);
  try {
    await using sandbox = await startSandbox({ dir, clusters: parseClusterSpecs(THREE_CLUSTERS), onProgress: printer(process.stderr), signal: stop.signal });
    const api = new HubApi(sandbox.kube.client);
    await api.ensureNamespace(DEMO_NAMESPACE);
    const samples = makeSamples(target, closedPort, MEND_AFTER_MS);
    await api.apply(...samples.map(({ manifest }) => manifest));
    introduce(sandbox, samples);
    const signal = AbortSignal.any([stop.signal, sandbox.failure]);
    await watch(api, samples, { signal, ...(once === true ? { giveUpAfterMs: ONCE_TIMEOUT_MS } : {}) });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function introduce(sandbox: Sandbox, samples: readonly Sample[]): void {
  console.log("\nThree clusters in three regions probe six targets:");
  for (const { manifest, story } of samples) console.log(`  ${manifest.metadata.name.padEnd(10)} ${story}`);
  console.log(`\nIn another terminal:
  export KUBECONFIG=${sandbox.adminKubeconfig}
  kubectl get httpmonitors -A -o wide
  kubectl get clusterregistrations
  kubectl get configmap -n ${DEMO_NAMESPACE} checkout-results -o yaml
  kubectl annotate httpmonitor -n ${DEMO_NAMESPACE} shop monitoring.example.com/regions=eu-west-1
Ctrl-C ends it; nothing is left running.\n`);
}

await main().catch((error: unknown) => {
  const ended = error instanceof Error && error.message.startsWith("ended by");
  if (!ended) console.error(error instanceof Error ? error.message : error);
  process.exitCode = ended ? 0 : 1;
});
