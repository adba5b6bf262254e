import { newSigningKey } from "@sightline/shared/identity";
import { describe, expect, it } from "vitest";
import { LeaseStore } from "../../../hub/src/kube/leases.ts";
import { changeOf, natsBench, uidOf } from "../assignments/support.ts";
import { kubeBench } from "../kube/support.ts";
import { CheckpointFile } from "../../../hub/src/results/checkpoint.ts";

const terms = (holder: string): { holder: string; durationMs: number; renewTime: string; acquireTime: string; transitions: number } => ({
  holder,
  durationMs: 15_000,
  renewTime: "2026-01-01T00:00:05.000000Z",
  acquireTime: "2026-01-01T00:00:00.000000Z",
  transitions: 0,
});

describe("two replicas that write one Lease (linearizable)", () => {
  const bench = kubeBench();
  const store = (): LeaseStore => new LeaseStore(bench.client(), { namespace: bench.namespace(), name: "lease" });

  it("make it once, and see the same holder", async () => {
    const outcomes = await Promise.allSettled([store().replace(undefined, terms("a"), 4000), store().replace(undefined, terms("b"), 4000)]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(outcomes.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "ALREADY_EXISTS" } });
    const stored = await store().read(4000);
    expect(stored).toMatchObject({ ...terms(outcomes[0].status === "fulfilled" ? "a" : "b") });
  });

  it("cannot both replace what both have read; what was given back names nobody", async () => {
    const seen = await store().replace(undefined, terms("a"), 4000);
    const outcomes = await Promise.allSettled(["b", "c"].map((holder) => store().replace(seen, terms(holder), 4000)));
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(outcomes.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "CONFLICT" } });
    const now = await store().read(4000);
    expect((await store().replace(now, terms(""), 4000)).holder).toBe("");
    expect((await store().read(4000))?.holder).toBe("");
  });
});

describe("a replica that leads no more", () => {
  const bench = natsBench();

  it("writes no assignment and no checkpoint, whatever it was asked before", async () => {
    let leads = true;
    const observer = await bench.observe();
    const connection = await bench.connect();
    const writer = await bench.writer({ connection, mayWrite: () => leads });
    await writer.apply(changeOf(uidOf(1), "http://before/", ["eu-1"]));
    leads = false;
    await expect(writer.apply(changeOf(uidOf(1), "http://after/", ["eu-1"]))).rejects.toMatchObject({ code: "NOT_LEADING" });
    await expect(writer.ensureConsumer("eu-1", 0)).rejects.toMatchObject({ code: "NOT_LEADING" });
    const file = new CheckpointFile(connection, 3, { owner: "a", signing: newSigningKey("hub").key, timeoutMs: 5000, mayWrite: () => leads });
    expect(await file.save({ created: "", sequence: 1, storedAt: 0, pairs: [] })).toMatchObject({ kind: "failed" });
    leads = true;
    await writer.apply(changeOf(uidOf(2), "http://later/", ["eu-1"]));
    expect(observer.accepted.flatMap(({ set }) => [...set.payloads.values()].map((bytes) => new TextDecoder().decode(bytes))).filter((text) => text.includes("after"))).toEqual([]);
    expect(await file.load()).toBeUndefined();
  });
});
