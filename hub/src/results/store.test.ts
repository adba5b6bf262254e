import { partitionOf, PARTITIONS, resultEvent } from "@sightline/shared/wire";
import { describe, expect, it } from "vitest";
import { PlanRegistry } from "../monitors/registry.ts";
import { UNDAMPED } from "../monitors/thresholds.ts";
import { type Acceptance, type Origin, ResultStore } from "./store.ts";
import { planOver, resultOf, UID } from "./testing.ts";

const PARTITION = partitionOf(UID);
const DAY_MS = 86_400_000;

function storeWith(plan = planOver(["eu-1"]), complete = true): { store: ResultStore; registry: PlanRegistry } {
  const registry = new PlanRegistry();
  registry.put(plan);
  return { store: new ResultStore(registry, () => complete), registry };
}

function offer(store: ResultStore, change: Parameters<typeof resultOf>[0], origin: Partial<Origin> = {}): Acceptance {
  const from = { partition: PARTITION, cluster: "eu-1", sequence: 10, storedAt: 5000, readAt: 5000, clockOffsetMs: 0, ...origin };
  return store.offer(resultEvent("eu-1", resultOf(change)), from);
}

describe("the store of results", () => {
  it("takes a newer result of a known check, and tells a change and a new failure", () => {
    const { store } = storeWith();
    expect(offer(store, { sequence: 1 })).toEqual({ kind: "applied", changed: true, failed: false });
    expect(offer(store, { sequence: 2 })).toEqual({ kind: "applied", changed: false, failed: false });
    expect(offer(store, { sequence: 3, success: false })).toEqual({ kind: "applied", changed: true, failed: true });
    expect(offer(store, { sequence: 4, success: false, statusCode: 500 })).toEqual({ kind: "applied", changed: true, failed: false });
    expect(offer(store, { sequence: 4 })).toEqual({ kind: "dropped", reason: "old" });
  });

  it("drops what is none of its business, with the reason", () => {
    const { store } = storeWith();
    expect(offer(store, {}, { cluster: "us-1" })).toEqual({ kind: "dropped", reason: "foreign_cluster" });
    expect(offer(store, {}, { partition: (PARTITION + 1) % PARTITIONS })).toEqual({ kind: "dropped", reason: "wrong_partition" });
    expect(offer(store, { checkHash: "other" })).toEqual({ kind: "dropped", reason: "unknown_check" });
    expect(offer(store, { agentEpoch: Number.MAX_SAFE_INTEGER })).toEqual({ kind: "dropped", reason: "implausible" });
    // By the hub's clock, not by the time at which NATS says that it stored it.
    expect(offer(store, { agentEpoch: 5001 + DAY_MS }, { storedAt: 10 * DAY_MS })).toEqual({ kind: "dropped", reason: "implausible" });
    expect(offer(store, {}).kind).toBe("applied");
  });

  it("keeps results of monitors without a plan only while plans are still being made", () => {
    let complete = false;
    const store = new ResultStore(new PlanRegistry(), () => complete);
    expect(offer(store, { sequence: 1 }).kind).toBe("applied");
    expect(store.snapshot(PARTITION)).toHaveLength(1);
    complete = true;
    expect(store.snapshot(PARTITION)).toEqual([]);
    expect(store.size).toBe(0);
    expect(offer(store, { sequence: 2 })).toEqual({ kind: "dropped", reason: "unknown_check" });
  });

  it("restores a snapshot, unless something newer is known", () => {
    const { store } = storeWith();
    offer(store, { sequence: 5 });
    const snapshot = store.snapshot(PARTITION);
    const { store: next } = storeWith();
    offer(next, { sequence: 7 });
    next.restore(PARTITION, snapshot);
    expect(next.pairs(UID).get("eu-1")?.sequence).toBe(7);
    const { store: empty } = storeWith();
    empty.restore(PARTITION, snapshot);
    expect(empty.snapshot(PARTITION)).toEqual(snapshot);
  });

  it("holds the checkpoint back from the first change that Kubernetes does not show", () => {
    const { store } = storeWith();
    offer(store, { sequence: 1 }, { sequence: 10 });
    const seen = store.lastChange(UID);
    offer(store, { sequence: 2, success: false }, { sequence: 12 });
    expect(store.firstUnsettled(PARTITION)).toBe(10);
    store.settled(UID, seen);
    expect(store.firstUnsettled(PARTITION)).toBe(11);
    store.settled(UID, store.lastChange(UID));
    expect(store.firstUnsettled(PARTITION)).toBeUndefined();
  });

  it("damps by the monitor's thresholds, also before it has a plan, and tells a change of the damped state", () => {
    const thresholds = { failures: 2, window: 3, successes: 1 };
    const store = new ResultStore(new PlanRegistry(), () => false, ({ uid, namespace, name }) => (`${namespace}/${name} ${uid}` === `shop/checkout ${UID}` ? thresholds : UNDAMPED));
    const fail = { success: false, statusCode: 500 };
    offer(store, { sequence: 1 });
    expect(offer(store, { sequence: 2, ...fail })).toMatchObject({ changed: true, failed: true });
    expect(store.pairs(UID).get("eu-1")).toMatchObject({ success: false, damping: { passed: true, recent: "0" } });
    expect(offer(store, { sequence: 2, ...fail })).toEqual({ kind: "dropped", reason: "old" });
    expect(offer(store, { sequence: 3, ...fail })).toMatchObject({ changed: true, failed: false });
    expect(store.pairs(UID).get("eu-1")?.damping).toEqual({ passed: false, recent: "" });
    expect(offer(store, { sequence: 4, ...fail })).toMatchObject({ changed: false });
    const next = new ResultStore(new PlanRegistry(), () => false, () => thresholds);
    next.restore(PARTITION, store.snapshot(PARTITION));
    expect(next.pairs(UID)).toEqual(store.pairs(UID));
  });

  it("does not wait for a status that nobody writes", () => {
    const { store } = storeWith(planOver(["eu-1"], { suspend: true }));
    offer(store, { sequence: 1 });
    expect(store.firstUnsettled(PARTITION)).toBeUndefined();
  });
});
