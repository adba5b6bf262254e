import type { Layout } from "./layout.ts";
import type { AgentAccess } from "./parts/agent.ts";
import type { HubAccess } from "./parts/hub.ts";
import type { KubeServer } from "./parts/kube-apiserver.ts";
import type { NatsAccess } from "./parts/nats-server.ts";
import type { PartRecord } from "./parts/record.ts";
import type { PartState, SandboxState } from "./state.ts";

/** What is known so far. */
export interface Known {
  readonly kube?: KubeServer;
  readonly nats?: NatsAccess;
  readonly hubs?: readonly HubAccess[];
  readonly agents?: readonly AgentAccess[];
}

export interface StateInput {
  readonly layout: Layout;
  readonly records: readonly PartRecord[];
  readonly state: SandboxState["state"];
  readonly known: Known;
}

/** What sandbox.json should say: what is known of each part, with the pid that it has now. */
export function composeState({ layout, records, state, known }: StateInput): SandboxState {
  const { hubs = [], agents = [] } = known;
  const processes = new Map(records.map(({ name, pid, log }): [string, PartState] => [name, { name, pid, log }]));
  const product = new Set([...hubs, ...agents].map(({ name }) => name));
  return {
    version: 1,
    state,
    dir: layout.dir,
    kubeApi: known.kube?.server ?? "",
    kubeconfig: layout.adminKubeconfig,
    operatorKubeconfig: layout.operatorKubeconfig,
    ...natsState(known.nats),
    hubs: withProcesses(hubs, processes),
    agents: withProcesses(agents, processes),
    parts: [...processes.values()].filter(({ name }) => !product.has(name)),
  };
}

function natsState(nats: NatsAccess | undefined): Pick<SandboxState, "nats" | "natsMonitor" | "natsHub"> {
  if (nats === undefined) return { nats: [], natsMonitor: "", natsHub: { credsFile: "", ca: "" } };
  return { nats: [nats.url], natsMonitor: nats.monitor, natsHub: { credsFile: nats.hubCredsFile, ca: nats.caFile } };
}

function withProcesses<T extends { readonly name: string }>(parts: readonly T[], processes: ReadonlyMap<string, PartState>): (T & PartState)[] {
  return parts.flatMap((part) => {
    const process = processes.get(part.name);
    return process === undefined ? [] : [{ ...part, ...process }];
  });
}
