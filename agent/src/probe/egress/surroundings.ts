import { lookup } from "node:dns/promises";
import { networkInterfaces } from "node:os";
import { type Clock, sleep, type Timer } from "@sightline/shared";
import { canonicalName } from "./host-pattern.ts";
import { NameMemory } from "./name-memory.ts";
import { isBeyondLoopback, ownProtections, type Surrounding } from "./own-protections.ts";
import type { Protection } from "./protected.ts";
import { parseRange } from "./range.ts";

export interface SurroundingsOptions {
  clock: Clock;
  /** CIDRs, addresses and names that whoever runs the agent wants out of reach. */
  protectedAddresses: readonly string[];
  /** Addresses of the node, which a pod cannot see by itself. */
  nodeAddresses: readonly string[];
  /** Where the pod is told that the Kubernetes API is; undefined outside of a cluster. */
  kubernetesHost: string | undefined;
  /** Names or addresses of the NATS servers that are known at that moment. */
  natsHosts: () => readonly string[];
  onChange: (own: Protection[]) => void;
  /** The addresses of this machine's interfaces, and those of a name; by default as the system says. */
  interfaces?: () => string[];
  /** Resolves to no address when there is no such name; rejects when that is not known. */
  resolve?: (name: string) => Promise<string[]>;
}

const AGAIN_AFTER_MS = 60_000;
/** While a name is not known yet. Milliseconds. */
const AGAIN_SOON_MS = 5000;
/** Names are waited for: no probe starts before. But a name server that is down must not keep an agent from probing. Milliseconds. */
const SETTLED_MS = 10_000;
const RETRY_MS = 500;

/** A flag's entry is protected as it stands, loopback too. */
const FLAG = "the agent's --protected-address";

/** Looks up now and then what is around the agent that no monitor may reach: node, Kubernetes API, NATS. */
export class Surroundings {
  readonly #options: Required<SurroundingsOptions>;
  readonly #names: NameMemory;
  readonly #stop = new AbortController();
  #timer: Timer | undefined;

  constructor(options: SurroundingsOptions) {
    this.#options = { interfaces: interfaceAddresses, resolve: systemResolve, ...options };
    this.#names = new NameMemory(options.clock);
  }

  /** Resolves as `settle` does; from then on what is around is looked up every minute. */
  async start(): Promise<void> {
    await this.settle();
    this.#again();
  }

  /** Looks; resolves when all names have been answered for, or after 10 s. */
  async settle(): Promise<void> {
    const waited = new AbortController();
    const signal = AbortSignal.any([waited.signal, this.#stop.signal]);
    await Promise.race([this.#untilKnown(signal), sleep(this.#options.clock, SETTLED_MS, signal)]);
    waited.abort();
  }

  stop(): void {
    this.#stop.abort();
    this.#timer?.cancel();
  }

  /** Never rejects. What needs no name is protected at once, and names are even before their addresses are known. */
  async look(): Promise<void> {
    this.#tell();
    await Promise.all(this.#toResolve().map((name) => this.#resolve(name)));
    this.#tell();
  }

  async #untilKnown(signal: AbortSignal): Promise<void> {
    await this.look();
    while (!this.#knowsAll() && !signal.aborted) {
      await sleep(this.#options.clock, RETRY_MS, signal);
      if (!signal.aborted) await this.look();
    }
  }

  #again(): void {
    if (this.#stop.signal.aborted) return;
    this.#timer = this.#options.clock.schedule(this.#knowsAll() ? AGAIN_AFTER_MS : AGAIN_SOON_MS, () => void this.#lookAgain(), { unref: true });
  }

  async #lookAgain(): Promise<void> {
    await this.look();
    this.#again();
  }

  #named(): { what: string; hosts: readonly string[] }[] {
    const { protectedAddresses, nodeAddresses, kubernetesHost, natsHosts } = this.#options;
    return [
      { what: FLAG, hosts: protectedAddresses.filter((host) => isName(host)) },
      { what: "the agent's node", hosts: nodeAddresses },
      { what: "the Kubernetes API", hosts: kubernetesHost === undefined ? [] : [kubernetesHost, "kubernetes.default.svc"] },
      { what: "NATS", hosts: natsHosts().map((host) => canonicalName(host.toLowerCase())) },
    ];
  }

  #toResolve(): string[] {
    return this.#named().flatMap(({ hosts }) => hosts.filter((host) => isName(host)));
  }

  #knowsAll(): boolean {
    return this.#toResolve().every((name) => this.#names.knows(name));
  }

  #tell(): void {
    const { interfaces, onChange, protectedAddresses } = this.#options;
    const asTheyStand = protectedAddresses.filter((text) => !isName(text)).map((text): Protection => [text, `an address of ${FLAG}`]);
    const found = this.#named().map(({ what, hosts }) => this.#surrounding(what, hosts));
    if (!this.#stop.signal.aborted) onChange([...asTheyStand, ...ownProtections([...found, { what: "the agent itself or its node", addresses: interfaces() }])]);
  }

  #surrounding(what: string, hosts: readonly string[]): Surrounding {
    const names = hosts.filter((host) => isName(host) && !this.#isLoopback(host));
    return { what, names, addresses: hosts.flatMap((host) => (isName(host) ? this.#names.addressesOf(host) : [host])) };
  }

  /** Of a name that leads to loopback alone, loopback's own protection decides. */
  #isLoopback(name: string): boolean {
    const addresses = this.#names.addressesOf(name);
    return addresses.length > 0 && !addresses.some((address) => isBeyondLoopback(address));
  }

  async #resolve(name: string): Promise<void> {
    const addresses = await this.#options.resolve(name).catch(() => undefined);
    if (addresses !== undefined) this.#names.remember(name, addresses);
  }
}

function isName(host: string): boolean {
  return parseRange(host) === undefined;
}

/** Where kube-proxy in mode IPVS keeps the addresses of all Services: they are targets, not the node's. */
const SERVICES_INTERFACE = "kube-ipvs0";

function interfaceAddresses(): string[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) => (name === SERVICES_INTERFACE ? [] : (addresses ?? []).map(({ address }) => address)));
}

async function systemResolve(name: string): Promise<string[]> {
  try {
    return (await lookup(name, { all: true })).map(({ address }) => address);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOTFOUND") return [];
    throw error;
  }
}
