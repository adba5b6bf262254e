import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { type Clock, sleep, type Timer } from "@sightline/shared";
import type { Protection } from "./protected.ts";
import { ownProtections, type Surrounding } from "./own-protections.ts";

export interface SurroundingsOptions {
  clock: Clock;
  /** Addresses of the node, which a pod cannot see by itself. */
  nodeAddresses: readonly string[];
  /** Where the pod is told that the Kubernetes API is; undefined outside of a cluster. */
  kubernetesHost: string | undefined;
  /** Names or addresses of the NATS servers that are known at that moment. */
  natsHosts: () => readonly string[];
  onChange: (own: Protection[]) => void;
  /** The addresses of this machine's interfaces, and those of a name; by default as the system says. */
  interfaces?: () => string[];
  resolve?: (name: string) => Promise<string[]>;
}

const AGAIN_AFTER_MS = 60_000;
/** The first look is waited for, but a name server that hangs must not keep an agent from probing. Milliseconds. */
const FIRST_LOOK_MS = 2000;

/** Looks up now and then what is around the agent that no monitor may reach: node, Kubernetes API, NATS. */
export class Surroundings {
  readonly #options: Required<SurroundingsOptions>;
  /** The addresses that each name had when it was resolved last: a name server that fails takes no protection away. */
  readonly #resolved = new Map<string, string[]>();
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: SurroundingsOptions) {
    this.#options = { interfaces: interfaceAddresses, resolve: systemResolve, ...options };
  }

  /** Resolves after the first look, or after 2 s. */
  async start(): Promise<void> {
    const waited = new AbortController();
    await Promise.race([this.look(), sleep(this.#options.clock, FIRST_LOOK_MS, waited.signal)]);
    waited.abort();
    this.#again();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** Never rejects. What needs no name is protected at once. */
  async look(): Promise<void> {
    const named = this.#named();
    this.#tell(named);
    await Promise.all(named.flatMap(({ hosts }) => hosts).map((host) => this.#resolve(host)));
    this.#tell(named);
  }

  #again(): void {
    if (this.#stopped) return;
    this.#timer = this.#options.clock.schedule(AGAIN_AFTER_MS, () => void this.#lookAgain(), { unref: true });
  }

  async #lookAgain(): Promise<void> {
    await this.look();
    this.#again();
  }

  #named(): { what: string; hosts: readonly string[] }[] {
    const { nodeAddresses, kubernetesHost, natsHosts } = this.#options;
    return [
      { what: "an address of the agent's node", hosts: nodeAddresses },
      { what: "an address of the Kubernetes API", hosts: kubernetesHost === undefined ? [] : [kubernetesHost, "kubernetes.default.svc"] },
      { what: "an address of NATS", hosts: natsHosts() },
    ];
  }

  #tell(named: readonly { what: string; hosts: readonly string[] }[]): void {
    const { interfaces, onChange } = this.#options;
    const found: Surrounding[] = named.map(({ what, hosts }) => ({ what, addresses: hosts.flatMap((host) => this.#resolved.get(host) ?? [host]) }));
    if (!this.#stopped) onChange(ownProtections([...found, { what: "an address of the agent itself or its node", addresses: interfaces() }]));
  }

  async #resolve(host: string): Promise<void> {
    if (isIP(host) !== 0) return;
    const addresses = await this.#options.resolve(host).catch(() => undefined);
    if (addresses !== undefined) this.#resolved.set(host, addresses);
  }
}

/** Where kube-proxy in mode IPVS keeps the addresses of all Services: they are targets, not the node's. */
const SERVICES_INTERFACE = "kube-ipvs0";

function interfaceAddresses(): string[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) => (name === SERVICES_INTERFACE ? [] : (addresses ?? []).map(({ address }) => address)));
}

async function systemResolve(name: string): Promise<string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}
