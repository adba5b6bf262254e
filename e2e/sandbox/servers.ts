/** The servers that others wrote: Kubernetes (etcd and kube-apiserver) and NATS. Alone, or as a part of the sandbox. */
import { freePorts } from "../kit/ports.ts";
import { hasStopped } from "../kit/process.ts";
import { waitUntil } from "../kit/wait.ts";
import { resolveBinaries } from "./binaries/resolve.ts";
import type { Layout } from "./layout.ts";
import { layoutOf, leaveFolder, takeFolder } from "./layout.ts";
import type { NatsOptions, StartOptions } from "./options.ts";
import { startEtcd } from "./parts/etcd.ts";
import type { KubeServer } from "./parts/kube-apiserver.ts";
import { startKubeApiserver } from "./parts/kube-apiserver.ts";
import type { NatsAccess } from "./parts/nats-server.ts";
import { startNatsServer } from "./parts/nats-server.ts";
import type { PartRecord } from "./parts/record.ts";
import { Supervisor } from "./parts/supervisor.ts";
import type { WebhookAccess } from "./parts/webhook-forwarder.ts";
import type { Authority } from "./pki.ts";
import { createAuthority } from "./pki.ts";
import { silent } from "./progress.ts";
import { markDown } from "./state.ts";

/** What every running thing can do with its parts. */
export interface Parts extends AsyncDisposable {
  readonly dir: string;
  /** Aborts, with an error that names the part and shows the tail of its log, when a part ends unasked. */
  readonly failure: AbortSignal;
  part(name: string): PartRecord;
  /** Sends a signal to a part's process group (SIGKILL when none is named), and waits for its end when it is one that ends it. */
  kill(name: string, signal?: NodeJS.Signals): Promise<void>;
  /** Stops a part in its tracks (SIGSTOP): its connections stay open, and nothing answers. */
  pause(name: string): Promise<void>;
  resume(name: string): Promise<void>;
  /** Starts a part again, on the same ports with the same arguments, and waits until it is ready. Ends it first when it runs. */
  restart(name: string): Promise<void>;
  /** Ends all parts, clients before servers. Doing it twice does no harm. */
  stop(): Promise<void>;
}

/** A folder that was taken, with what starts things in it. */
export interface Workshop {
  readonly options: StartOptions;
  readonly layout: Layout;
  readonly supervisor: Supervisor;
  readonly authority: Authority;
}

/** Takes the folder, runs `start` in it, and leaves nothing behind when it fails. */
export async function inWorkshop<T>(options: StartOptions, start: (workshop: Workshop) => Promise<T>): Promise<T> {
  const layout = layoutOf(options.dir);
  await takeFolder(layout);
  const supervisor = new Supervisor(layout.run, options.signal);
  try {
    const authority = await createAuthority(layout.pki);
    return await start({ options, layout, supervisor, authority });
  } catch (error) {
    await supervisor.stop();
    await markDown(layout.state);
    await leaveFolder(layout);
    throw error;
  }
}

export function partsOf({ layout, supervisor }: Pick<Workshop, "layout" | "supervisor">): Parts {
  const stop = async (): Promise<void> => {
    await supervisor.stop();
    await leaveFolder(layout);
  };
  return {
    dir: layout.dir,
    failure: supervisor.failure,
    part: (name) => supervisor.record(name),
    kill: (name, signal) => supervisor.kill(name, signal),
    pause: async (name) => {
      await supervisor.kill(name, "SIGSTOP");
      await waitUntil({ what: `${name} to stand still`, everyMs: 5, timeoutMs: 10_000 }, () => hasStopped(supervisor.record(name).pid));
    },
    resume: (name) => supervisor.kill(name, "SIGCONT"),
    restart: async (name) => void (await supervisor.restart(name)),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

export interface Kube extends Parts {
  readonly kube: KubeServer;
  /** Path of the administrator's kubeconfig. */
  readonly adminKubeconfig: string;
}

/** Starts etcd and kube-apiserver alone, without CRDs. */
export async function startKube(options: StartOptions): Promise<Kube> {
  return await inWorkshop(options, async (workshop) => {
    const kube = await startKubeIn(workshop);
    return { ...partsOf(workshop), kube, adminKubeconfig: workshop.layout.adminKubeconfig };
  });
}

/** With `webhook` the API server shows a client certificate to who listens there. */
export async function startKubeIn({ options, layout, supervisor, authority }: Workshop, webhook?: WebhookAccess): Promise<KubeServer> {
  const { ports = freePorts, onProgress: report = silent } = options;
  const binaries = await resolveBinaries(["etcd", "kube-apiserver"], { report, signal: supervisor.stopSignal });
  const common = { supervisor, layout, authority, ports };
  const etcd = await startEtcd({ ...common, binary: binaries.etcd });
  return await startKubeApiserver({ ...common, binary: binaries["kube-apiserver"], etcd, webhook });
}

export interface Nats extends Parts {
  readonly nats: NatsAccess;
}

/** Starts nats-server alone, with the accounts HUB and AGENTS, and a user for each cluster's agent. */
export async function startNats(options: NatsOptions): Promise<Nats> {
  return await inWorkshop(options, async (workshop) => {
    const nats = await startNatsIn(workshop, options.clusters);
    return { ...partsOf(workshop), nats };
  });
}

export async function startNatsIn({ options, layout, supervisor, authority }: Workshop, clusters: readonly string[]): Promise<NatsAccess> {
  const { ports = freePorts, onProgress: report = silent } = options;
  const binaries = await resolveBinaries(["nats-server"], { report, signal: supervisor.stopSignal });
  return await startNatsServer({ supervisor, layout, authority, ports, clusters, binary: binaries["nats-server"] });
}
