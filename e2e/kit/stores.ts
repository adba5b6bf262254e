import { cp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Sandbox } from "../sandbox/mod.ts";

/** A server's data on disk, which a test can set back to an older copy as an operator's restore would. */
export interface Store {
  /** Keeps a copy of what is stored now. The server is away meanwhile. */
  keep(): Promise<void>;
  /** Puts the kept copy in the place of what is stored, and starts the server again. */
  rollBack(): Promise<void>;
}

/** JetStream's store directory. */
export function natsStore(sandbox: Sandbox): Store {
  return storeOf(sandbox, join(sandbox.dir, "nats", "jetstream"), ["nats-server"]);
}

/** etcd's data directory; kube-apiserver is away together with etcd, as for every restore. */
export function etcdStore(sandbox: Sandbox): Store {
  return storeOf(sandbox, join(sandbox.dir, "etcd"), ["etcd", "kube-apiserver"]);
}

/** @param parts in the order in which they are started. */
function storeOf(sandbox: Sandbox, dir: string, parts: readonly string[]): Store {
  const copy = `${dir}.kept`;
  const whileAway = async (act: () => Promise<void>): Promise<void> => {
    for (const part of parts.toReversed()) await sandbox.kill(part);
    await act();
    for (const part of parts) await sandbox.restart(part);
  };
  return {
    keep: () =>
      whileAway(async () => {
        await rm(copy, { recursive: true, force: true });
        await cp(dir, copy, { recursive: true });
      }),
    rollBack: () =>
      whileAway(async () => {
        await rm(dir, { recursive: true, force: true });
        await cp(copy, dir, { recursive: true });
      }),
  };
}

/** Ends an agent, and everything that it kept on its disk but its keys, which a cluster keeps in a Secret. */
export async function loseDisk(sandbox: Sandbox, cluster: string): Promise<void> {
  const agent = agentOf(sandbox, cluster);
  await sandbox.kill(agent.name);
  for (const name of await readdir(agent.dataDir)) if (name !== "identity") await rm(join(agent.dataDir, name), { recursive: true, force: true });
}

/** The agent of a cluster. */
export function agentOf({ state }: Sandbox, cluster: string): Sandbox["state"]["agents"][number] {
  const agent = state.agents.find((candidate) => candidate.cluster === cluster);
  if (agent === undefined) throw new Error(`there is no agent of ${cluster}`);
  return agent;
}
