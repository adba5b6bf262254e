import { ManualClock } from "@sightline/shared/testing";
import { describe, expect, it } from "vitest";
import type { KubeClient, KubeRequest } from "../../kube/client.ts";
import { KubeError } from "../../kube/errors.ts";
import { field, textField } from "../../kube/raw.ts";
import { AnsweringClient } from "../../testing/answering-client.ts";
import { RecordingLogger } from "../../testing/recording-logger.ts";
import { CertificateKeeper } from "./keeper.ts";
import { bundleOf } from "./material.ts";
import { AUTHORITY_LIFE_MS, LEAF_LIFE_MS } from "./renewal.ts";

/** One Secret in an API server that compares before it sets. */
function secretStore(): { client: KubeClient & { requests: KubeRequest[] }; writes: () => number } {
  let stored: { metadata: { resourceVersion: string }; data: unknown } | undefined;
  let version = 0;
  const client = new AnsweringClient(({ method, body, action }) => {
    if (method === "GET") {
      if (stored === undefined) throw new KubeError("NOT_FOUND", `failed to ${action}: not there`);
      return structuredClone(stored);
    }
    const expected = textField(field(body, "metadata"), "resourceVersion");
    if (method === "POST" && stored !== undefined) throw new KubeError("ALREADY_EXISTS", `failed to ${action}: there`);
    if (method === "PATCH" && expected !== stored?.metadata.resourceVersion) throw new KubeError("CONFLICT", `failed to ${action}: another one`);
    stored = { metadata: { resourceVersion: String(++version) }, data: field(body, "data") };
    return structuredClone(stored);
  });
  return { client, writes: () => version };
}

function keeperOf(client: KubeClient, clock: ManualClock, names = ["hub.system.svc"]): CertificateKeeper {
  return new CertificateKeeper({ client, namespace: "sightline-system", names, clock, logger: new RecordingLogger() });
}

describe("replicas that share one Secret", () => {
  it("agree on what the first one wrote, also when all find nothing at once", async () => {
    const [{ client, writes }, clock] = [secretStore(), new ManualClock()];
    const made = await Promise.all(Array.from({ length: 4 }, () => keeperOf(client, clock).ensure()));
    for (const material of made) expect(material).toEqual(made[0]);
    expect(writes()).toBe(1);
  });

  it("renew once, at two thirds of a life, and trust the old authority on", async () => {
    const [{ client, writes }, clock] = [secretStore(), new ManualClock()];
    const keepers = [keeperOf(client, clock), keeperOf(client, clock)];
    const ensured = (): Promise<unknown[]> => Promise.all(keepers.map((keeper) => keeper.ensure()));
    const first = await keepers[0]?.ensure();
    await clock.advance(LEAF_LIFE_MS * 0.6);
    await ensured();
    expect(writes()).toBe(1);
    await clock.advance(LEAF_LIFE_MS * 0.1);
    await ensured();
    expect(writes()).toBe(2);
    await clock.advance(AUTHORITY_LIFE_MS * 0.6);
    const [after] = await Promise.all(keepers.map((keeper) => keeper.ensure()));
    expect(after?.authorities).toHaveLength(2);
    expect(bundleOf(after ?? { authorities: [] })).toContain(first?.authorities[0]?.cert);
  });

  it("make a new certificate when they are called by another name", async () => {
    const [{ client }, clock] = [secretStore(), new ManualClock()];
    const before = await keeperOf(client, clock).ensure();
    const after = await keeperOf(client, clock, ["127.0.0.1", "elsewhere.example.com"]).ensure();
    expect([after.authorities, after.leaf.cert === before.leaf.cert]).toEqual([before.authorities, false]);
  });
});
