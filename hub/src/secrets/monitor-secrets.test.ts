import { newSealingKey } from "@sightline/shared/identity";
import type { Assignment } from "@sightline/shared/wire";
import { beforeEach, describe, expect, it } from "vitest";
import { checkOf } from "../monitors/check.ts";
import { FakeAssignments } from "../testing/fake-assignments.ts";
import { FixedLister } from "../testing/fixed-lister.ts";
import { monitor, registration, uidOf } from "../testing/objects.ts";
import { MonitorSecrets, type WithSecrets } from "./monitor-secrets.ts";
import { SecretSealer, type SecretKeys } from "./sealer.ts";
import { keyOfObject, type Reading, type SecretObject } from "./sources.ts";

const keys: SecretKeys = { sealing: newSealingKey().key, hmac: new Uint8Array(32) };
const DEFAULTS = { intervalMs: 30_000, timeoutMs: 5000 };
const found = (value: string): Reading => ({ kind: "found", values: new Map([["k", value]]) });
const DOWN: Reading = { kind: "unreachable", reason: "is not known: Vault is sealed" };

class World {
  readonly readings = new Map<string, Reading>();
  readonly assignments = new FakeAssignments();
  readonly registrations = new FixedLister([registration("eu-1", { status: { sealingKey: newSealingKey().key.publicKey } }), registration("us-1", { status: { sealingKey: newSealingKey().key.publicKey } }), registration("new-1")]);
  secrets = this.#made();
  front = monitor({ spec: { headersFrom: [{ name: "X-Key", vault: { path: "a", key: "k" } }] } });

  restart(): void {
    this.secrets = this.#made();
  }

  #made(): MonitorSecrets {
    const book = { use: () => undefined, forget: () => undefined, reading: (object: SecretObject) => this.readings.get(keyOfObject(object)) };
    return new MonitorSecrets({ book, sealer: new SecretSealer(keys), registrations: this.registrations, assignments: this.assignments });
  }

  sealed(clusters: string[]): WithSecrets {
    const check = checkOf(this.front.spec, DEFAULTS);
    const assignment: Assignment = { uid: uidOf(1), namespace: "shop", name: "front", checkHash: "1", check, suspend: false };
    const values = this.secrets.valuesOf(this.front);
    if (values === undefined) throw new Error("not read yet");
    return this.secrets.seal(this.front, new Map(clusters.map((cluster) => [cluster, assignment])), values);
  }

  async applied(clusters: string[]): Promise<WithSecrets> {
    const sealed = this.sealed(clusters);
    await this.assignments.apply({ uid: uidOf(1), wanted: sealed.wanted });
    return sealed;
  }
}

let world: World;
beforeEach(() => {
  world = new World();
  world.readings.set("vault shop a", found("t-1"));
});

describe("a monitor's secrets", () => {
  it("are awaited until each source has been read once", () => {
    world.readings.clear();
    expect(world.secrets.valuesOf(world.front)).toBeUndefined();
    expect(world.secrets.valuesOf(monitor())).toEqual([]);
  });

  it("are sealed to each cluster, and named by the check", () => {
    const { wanted, secrets } = world.sealed(["eu-1", "us-1"]);
    const [eu, us] = [wanted.get("eu-1"), wanted.get("us-1")];
    expect(eu?.check.secretHeaders).toEqual(["X-Key"]);
    expect(eu?.sealedHeaders?.map(({ name }) => name)).toEqual(["X-Key"]);
    expect(eu?.sealedHeaders?.[0]?.sealed).not.toBe(us?.sealedHeaders?.[0]?.sealed);
    expect(secrets).toMatchObject({ type: "SecretsResolved", status: "True", reason: "Resolved", message: "X-Key from Vault's a", observedGeneration: 1 });
  });

  it("change nothing that is stored while they are the same, over a restart too", async () => {
    const { wanted } = await world.applied(["eu-1", "us-1"]);
    world.restart();
    expect(world.sealed(["eu-1", "us-1"]).wanted).toEqual(wanted);
    world.readings.set("vault shop a", found("t-2"));
    expect(world.sealed(["eu-1", "us-1"]).wanted).not.toEqual(wanted);
  });

  it("stay in use when their source cannot be asked, where they are", async () => {
    const { wanted } = await world.applied(["eu-1"]);
    world.readings.set("vault shop a", DOWN);
    world.restart();
    const kept = world.sealed(["eu-1"]);
    expect(kept.wanted).toEqual(wanted);
    expect(kept.secrets).toMatchObject({ status: "Unknown", reason: "SourceUnavailable" });
    const wider = world.sealed(["eu-1", "us-1"]);
    expect(wider.wanted.get("us-1")).not.toHaveProperty("sealedHeaders");
    expect(wider.secrets).toMatchObject({ status: "False", reason: "SourceUnavailable" });
  });

  it("are not kept for another source", async () => {
    await world.applied(["eu-1"]);
    world.front = monitor({ spec: { headersFrom: [{ name: "X-Key", vault: { path: "b", key: "k" } }] } });
    world.readings.set("vault shop b", DOWN);
    expect(world.sealed(["eu-1"]).wanted.get("eu-1")).not.toHaveProperty("sealedHeaders");
  });

  it("are taken away when they are gone", async () => {
    await world.applied(["eu-1"]);
    world.readings.set("vault shop a", { kind: "absent", reason: "does not exist" });
    const { wanted, secrets } = world.sealed(["eu-1"]);
    expect(wanted.get("eu-1")).not.toHaveProperty("sealedHeaders");
    expect(secrets).toMatchObject({ status: "False", reason: "SecretNotFound", message: "secret not found: X-Key (Vault's a does not exist)" });
  });

  it("wait for a cluster's agent to enrol", () => {
    const { wanted, secrets } = world.sealed(["eu-1", "new-1"]);
    expect(wanted.get("eu-1")).toHaveProperty("sealedHeaders");
    expect(wanted.get("new-1")).not.toHaveProperty("sealedHeaders");
    expect(secrets).toMatchObject({ status: "False", reason: "NoSealingKey" });
  });
});
