/** The whole of it: Kubernetes, NATS, the hub and the member clusters' agents. */
import { freePorts } from "../kit/ports.ts";
import { keyInCreds } from "../kit/test-keys.ts";
import { resolveBinaries } from "./binaries/resolve.ts";
import { applyCrds, applyRbac, operatorToken, pinAgentKey, registerCluster, untilAvailable } from "./kube/setup.ts";
import { writeKubeconfig } from "./kube/kubeconfig.ts";
import { leaveFolder } from "./layout.ts";
import type { SandboxOptions } from "./options.ts";
import type { AgentAccess } from "./parts/agent.ts";
import { startAgent } from "./parts/agent.ts";
import type { HubAccess } from "./parts/hub.ts";
import { startHub } from "./parts/hub.ts";
import type { KubeServer } from "./parts/kube-apiserver.ts";
import type { NatsAccess } from "./parts/nats-server.ts";
import { startWebhookForwarder, type WebhookAccess } from "./parts/webhook-forwarder.ts";
import { silent, step } from "./progress.ts";
import type { Parts, Workshop } from "./servers.ts";
import { inWorkshop, partsOf, startKubeIn, startNatsIn } from "./servers.ts";
import type { Known } from "./compose-state.ts";
import { composeState } from "./compose-state.ts";
import type { SandboxState } from "./state.ts";
import { writeState } from "./state.ts";

export interface Sandbox extends Parts {
  /** What sandbox.json says now. */
  readonly state: SandboxState;
  readonly adminKubeconfig: string;
  readonly kube: KubeServer;
  readonly nats: NatsAccess;
  /** Lets everything run on when this process ends. */
  detach(): Promise<void>;
}

/**
 * Starts a sandbox and resolves when its hub and agents are ready and every cluster is Available (with neither hub nor
 * agents: when the servers are ready and the clusters are registered). When it fails, nothing is left running.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  return await inWorkshop(options, async (workshop) => {
    const { onProgress: report = silent, clusters } = options;
    // All at once first: otherwise the one that is missing would be built while the others already run and wait.
    await resolveBinaries(["etcd", "kube-apiserver", "nats-server"], { report, signal: workshop.supervisor.stopSignal });
    await saveState(workshop, "starting", {});
    const names = clusters.map(({ name }) => name);
    const webhook = await startForwarder(workshop, options);
    const starting = [startPreparedKube(workshop, options, webhook), startNatsIn(workshop, names)] as const;
    // When one fails, the other must not write on into a folder that is being left.
    await Promise.allSettled(starting);
    const [kube, nats] = await Promise.all(starting);
    step(report, `Kubernetes API: ${kube.server}, NATS: ${nats.url}`);
    await saveState(workshop, "starting", { kube, nats });
    // Without agents tests speak for them, by the credentials that were made for that; agents make their own keys.
    if (options.agents === false) await Promise.all([...nats.agentCredsFiles].map(([cluster, file]) => pinAgentKey(kube.client, cluster, keyInCreds(file).publicKey)));
    const { hubs, agents } = await startProduct(workshop, options, { nats, webhook });
    if (hubs.length > 0 && agents.length > 0) await untilAvailable(kube.client, clusters, workshop.supervisor.stopSignal);
    const known: Required<Known> = { kube, nats, hubs, agents };
    await saveState(workshop, "up", known);
    return sandboxOf(workshop, known);
  });
}

async function saveState({ layout, supervisor }: Workshop, state: SandboxState["state"], known: Known): Promise<void> {
  await writeState(layout.state, composeState({ layout, records: supervisor.records, state, known }));
}

/** Where the API server finds the hubs, if there are to be any. */
async function startForwarder({ supervisor, layout, authority }: Workshop, { hubs = 1, ports = freePorts }: SandboxOptions): Promise<WebhookAccess | undefined> {
  return hubs === 0 ? undefined : await startWebhookForwarder({ supervisor, layout, ports, clientCaFile: authority.caFile });
}

/** Kubernetes with the CRDs, the hub's rights and kubeconfig, and the member clusters. */
async function startPreparedKube(workshop: Workshop, { clusters }: SandboxOptions, webhook: WebhookAccess | undefined): Promise<KubeServer> {
  const kube = await startKubeIn(workshop, webhook);
  const { client, server, ca } = kube;
  const register = async (): Promise<void> => {
    await applyCrds(client, workshop.supervisor.stopSignal);
    await Promise.all(clusters.map((cluster) => registerCluster(client, cluster)));
  };
  const authorize = async (): Promise<void> => {
    await applyRbac(client);
    await writeKubeconfig(workshop.layout.operatorKubeconfig, { server, ca, user: { token: await operatorToken(client) } });
  };
  await Promise.all([register(), authorize()]);
  return kube;
}

async function startProduct(workshop: Workshop, options: SandboxOptions, { nats, webhook }: { nats: NatsAccess; webhook: WebhookAccess | undefined }): Promise<{ hubs: HubAccess[]; agents: AgentAccess[] }> {
  const { supervisor, layout } = workshop;
  const input = { supervisor, layout, nats, ports: options.ports ?? freePorts, programs: options.programs, flags: options.flags, webhook };
  const count = options.hubs ?? 1;
  const clusters = options.agents === false ? [] : options.clusters;
  const [hubs, agents] = await Promise.all([
    Promise.all(Array.from({ length: count }, (_, ordinal) => startHub(input, ordinal, count === 1))),
    Promise.all(clusters.map(({ name }) => startAgent(input, name))),
  ]);
  return { hubs, agents };
}

function sandboxOf(workshop: Workshop, known: Required<Known>): Sandbox {
  const { layout, supervisor } = workshop;
  const parts = partsOf(workshop);
  const stop = async (): Promise<void> => {
    known.kube.client.close();
    await parts.stop();
    await saveState(workshop, "down", known);
  };
  return {
    ...parts,
    adminKubeconfig: layout.adminKubeconfig,
    kube: known.kube,
    nats: known.nats,
    get state() {
      return composeState({ layout, records: supervisor.records, state: "up", known });
    },
    restart: async (name) => {
      await parts.restart(name);
      await saveState(workshop, "up", known);
    },
    stop,
    [Symbol.asyncDispose]: stop,
    detach: async () => {
      known.kube.client.close();
      supervisor.detach();
      await leaveFolder(layout);
    },
  };
}
