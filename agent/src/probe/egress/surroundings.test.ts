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
      protectedAddresses: [],
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
const NATS_NAME = { "nats.example": "a name of NATS" };
const NAMES = { ...NATS_NAME, "kubernetes.default.svc": "a name of the Kubernetes API" };

describe("what is around an agent", () => {
  it("is protected from the first look on, but for loopback, which is protected as a whole", async () => {
    const world = new World();
    await world.surroundings.start();
    expect(world.protected).toEqual({ ...NAMES, "192.168.0.7": NODE, "10.96.0.1": API, "10.0.0.9": NATS, "fd00::9": NATS, "10.0.0.5": OWN });
    world.surroundings.stop();
  });

  it("is looked up every minute", async () => {
    const world = new World();
    await world.surroundings.start();
    world.names.set("nats.example", ["10.0.0.10"]);
    world.natsHosts = ["nats.example", "10.0.0.11", "NATS-2.example."];
    world.interfaces = ["10.0.0.6"];
    await world.clock.advance(60_000);
    expect(world.protected).toMatchObject({ ...NAMES, "nats-2.example": "a name of NATS", "192.168.0.7": NODE, "10.96.0.1": API, "10.0.0.10": NATS, "10.0.0.11": NATS, "10.0.0.6": OWN });
    expect(world.protected).not.toHaveProperty(["10.0.0.5"]);
    world.surroundings.stop();
    expect(world.clock.pending).toBe(0);
  });

  it("has all addresses that its name had within the last hour: its DNS may take turns, and answer others otherwise", async () => {
    const world = new World();
    await world.surroundings.start();
    for (const [minute, address] of ["10.0.0.9", "10.0.0.10", "10.0.0.11"].entries()) {
      world.names.set("nats.example", [address]);
      await world.clock.advance(60_000);
      expect([minute, Object.keys(world.protected)]).toEqual([minute, expect.arrayContaining(["10.0.0.9", "10.0.0.10", "10.0.0.11"].slice(0, minute + 1))]);
    }
    await world.clock.advance(3_600_000 + 120_000);
    expect(world.protected).toMatchObject({ "10.0.0.11": NATS });
    expect(world.protected).not.toHaveProperty(["10.0.0.9"]);
    expect(world.protected).not.toHaveProperty(["10.0.0.10"]);
  });

  it.each([
    ["does not answer any more", (world: World) => world.names.clear()],
    ["says that the name is gone", (world: World) => world.names.set("nats.example", [])],
  ])("stays protected when the name server %s", async (_what, change) => {
    const world = new World();
    await world.surroundings.start();
    change(world);
    await world.clock.advance(2 * 3_600_000);
    expect(world.protected).toMatchObject({ ...NAMES, "10.0.0.9": NATS, "fd00::9": NATS });
  });

  it("is what whoever runs the agent says too: ranges, addresses and names, loopback as well", async () => {
    const world = new World({ protectedAddresses: ["10.7.0.0/16", "127.0.0.1", "api.example", "nats.example"] });
    world.names.set("api.example", ["10.8.0.1"]);
    await world.surroundings.start();
    const FLAG = "the agent's --protected-address";
    expect(world.protected).toMatchObject({ "10.7.0.0/16": `an address of ${FLAG}`, "127.0.0.1": `an address of ${FLAG}`, "api.example": `a name of ${FLAG}`, "10.8.0.1": `an address of ${FLAG}`, "nats.example": `a name of ${FLAG}` });
  });

  it("is not closed by name where the name leads to loopback alone", async () => {
    const world = new World();
    world.names.set("nats.example", ["127.0.0.1", "::1"]);
    await world.surroundings.start();
    expect(world.protected).not.toHaveProperty(["nats.example"]);
  });

  it.each([
    ["that fails", () => Promise.reject(new Error("try again"))],
    ["that hangs", () => new Promise<string[]>(() => undefined)],
  ])("is waited for with a name server %s, for 10 s at most; names, and what needs none, are protected by then", async (_what, resolve) => {
    const world = new World({ resolve });
    let started = false;
    void world.surroundings.start().then(() => (started = true));
    await world.clock.advance(9999);
    expect(started).toBe(false);
    await world.clock.advance(1);
    expect(started).toBe(true);
    expect(world.protected).toEqual({ ...NAMES, "192.168.0.7": NODE, "10.96.0.1": API, "10.0.0.5": OWN });
  });

  it("is asked for again soon as long as a name has had no answer", async () => {
    let answers = false;
    const world = new World({ resolve: (name) => (answers ? Promise.resolve(name === "nats.example" ? ["10.0.0.9"] : []) : Promise.reject(new Error("try again"))) });
    let started = false;
    void world.surroundings.start().then(() => (started = true));
    await world.clock.advance(20_000);
    expect(started).toBe(true);
    answers = true;
    await world.clock.advance(5000);
    expect(world.protected).toMatchObject({ "10.0.0.9": NATS });
  });

  it("needs no waiting when the name server comes back within that time, nor when it says that there is no such name", async () => {
    let asked = 0;
    const world = new World({ resolve: () => (++asked <= 4 ? Promise.reject(new Error("try again")) : Promise.resolve([])) });
    let started = false;
    void world.surroundings.start().then(() => (started = true));
    await world.clock.advance(1000);
    expect(started).toBe(true);
    world.surroundings.stop();
    expect(world.clock.pending).toBe(0);
  });

  it("is no Kubernetes outside of it", async () => {
    const asked: string[] = [];
    const world = new World({ kubernetesHost: undefined, resolve: (name) => Promise.resolve((asked.push(name), [])) });
    await world.surroundings.start();
    expect(asked).toEqual(["nats.example"]);
  });

  it("is what this machine says, where nothing else is given", async () => {
    const told: Protection[][] = [];
    const surroundings = new Surroundings({ clock: new ManualClock(), protectedAddresses: [], nodeAddresses: [], kubernetesHost: undefined, natsHosts: () => ["localhost"], onChange: (own) => told.push(own) });
    await surroundings.start();
    expect(told.flat().every(([address]) => !address.startsWith("127."))).toBe(true);
  });
});
