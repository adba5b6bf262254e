import { ManualClock } from "@sightline/shared/testing";
import { describe, expect, it } from "vitest";
import type { Protection } from "./protected.ts";
import { Surroundings, type SurroundingsOptions } from "./surroundings.ts";

class World {
  readonly clock = new ManualClock();
  /** What names resolve to; a name that is not here fails. */
  readonly names = new Map([
    ["nats.example", ["10.0.0.9", "fd00::9"]],
    ["kubernetes.default.svc", ["10.96.0.1"]],
  ]);
  natsHosts = ["nats.example"];
  interfaces = ["127.0.0.1", "10.0.0.5"];
  told: readonly Protection[] = [];
  readonly surroundings: Surroundings;

  constructor(options: Partial<SurroundingsOptions> = {}) {
    this.surroundings = new Surroundings({
      clock: this.clock,
      nodeAddresses: ["192.168.0.7"],
      kubernetesHost: "10.96.0.1",
      natsHosts: () => this.natsHosts,
      onChange: (own) => (this.told = own),
      interfaces: () => this.interfaces,
      resolve: (name) => Promise.resolve(this.names.get(name) ?? Promise.reject(new Error("not found"))),
      ...options,
    });
  }

  get protected(): Record<string, string> {
    return Object.fromEntries(this.told);
  }
}

const NODE = "an address of the agent's node";
const API = "an address of the Kubernetes API";
const NATS = "an address of NATS";
const OWN = "an address of the agent itself or its node";

describe("what is around an agent", () => {
  it("is protected from the first look on, but for loopback, which is protected as a whole", async () => {
    const world = new World();
    await world.surroundings.start();
    expect(world.protected).toEqual({ "192.168.0.7": NODE, "10.96.0.1": API, "10.0.0.9": NATS, "fd00::9": NATS, "10.0.0.5": OWN });
    world.surroundings.stop();
  });

  it("is looked up every minute", async () => {
    const world = new World();
    await world.surroundings.start();
    world.names.set("nats.example", ["10.0.0.10"]);
    world.natsHosts = ["nats.example", "10.0.0.11"];
    world.interfaces = ["10.0.0.6"];
    await world.clock.advance(60_000);
    expect(world.protected).toEqual({ "192.168.0.7": NODE, "10.96.0.1": API, "10.0.0.10": NATS, "10.0.0.11": NATS, "10.0.0.6": OWN });
    world.surroundings.stop();
    expect(world.clock.pending).toBe(0);
  });

  it("stays protected when its name does not resolve any more", async () => {
    const world = new World();
    await world.surroundings.start();
    world.names.clear();
    await world.clock.advance(60_000);
    expect(world.protected).toMatchObject({ "10.0.0.9": NATS });
  });

  it("is waited for 2 s at most; what needs no name is protected by then", async () => {
    const world = new World({ resolve: () => new Promise(() => undefined) });
    let started = false;
    void world.surroundings.start().then(() => (started = true));
    await world.clock.advance(1999);
    expect(started).toBe(false);
    await world.clock.advance(1);
    expect(started).toBe(true);
    expect(world.protected).toEqual({ "192.168.0.7": NODE, "10.96.0.1": API, "10.0.0.5": OWN });
  });

  it("is no Kubernetes outside of it", async () => {
    const asked: string[] = [];
    const world = new World({ kubernetesHost: undefined, resolve: (name) => Promise.resolve((asked.push(name), [])) });
    await world.surroundings.start();
    expect(asked).toEqual(["nats.example"]);
  });

  it("is what this machine says, where nothing else is given", async () => {
    const told: Protection[][] = [];
    const surroundings = new Surroundings({ clock: new ManualClock(), nodeAddresses: [], kubernetesHost: undefined, natsHosts: () => ["localhost"], onChange: (own) => told.push(own) });
    await surroundings.start();
    expect(told.flat().every(([address]) => !address.startsWith("127."))).toBe(true);
  });
});
