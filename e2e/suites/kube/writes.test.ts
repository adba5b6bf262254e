import { describe, expect, it } from "vitest";

import { ConfigMaps, type WantedConfigMap } from "../../../hub/src/kube/config-maps.ts";
import { createEvent, type EventNote } from "../../../hub/src/kube/events.ts";
import { CONFIG_MAPS, HTTP_MONITORS, objectPath } from "../../../hub/src/kube/resources.ts";
import { KubeWriter } from "../../../hub/src/kube/writes.ts";
import { at, listAt, textAt } from "../../kit/json.ts";
import { kubeBench, seenOf } from "./support.ts";

const bench = kubeBench();
const FINALIZER = "test.example.com/finalizer";

/** A status of the given clusters. */
function status(verdict: string, clusters: string[]): object {
  return { status: verdict, clusterResults: clusters.map((clusterID) => ({ clusterID, status: "Success" })) };
}

async function statusOf(name: string): Promise<unknown> {
  return at(await bench.getMonitor(name), "status");
}

describe("two concurrent writers of a status", () => {
  it("cannot both write from the same picture when the write is strong", async () => {
    const seen = seenOf(await bench.createMonitor("front"));
    const writers = [new KubeWriter(bench.client()), new KubeWriter(bench.client())];
    const outcomes = await Promise.allSettled(
      writers.map((writer, index) => writer.patchStatus("monitor-status-transition", HTTP_MONITORS, seen, status("Healthy", [`c-${index}`]))),
    );
    expect(outcomes.map((outcome) => outcome.status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(outcomes.find((outcome) => outcome.status === "rejected")?.reason).toMatchObject({ code: "CONFLICT" });
  });

  it("both write when it is eventual, and the last one stands whole", async () => {
    const seen = seenOf(await bench.createMonitor("front"));
    const writer = new KubeWriter(bench.client());
    await writer.patchStatus("monitor-status-refresh", HTTP_MONITORS, seen, status("Healthy", ["a", "b"]));
    await writer.patchStatus("monitor-status-refresh", HTTP_MONITORS, seen, status("Degraded", ["b"]));
    expect(await statusOf("front")).toEqual(status("Degraded", ["b"]));
  });

  it("take nothing away from each other's levels: a field left out by either goes away", async () => {
    const seen = seenOf(await bench.createMonitor("front"));
    const writer = new KubeWriter(bench.client());
    await writer.patchStatus("monitor-status-refresh", HTTP_MONITORS, seen, { ...status("Healthy", ["a", "b"]), errorMessage: "old" });
    const resourceVersion = await writer.patchStatus("monitor-status-transition", HTTP_MONITORS, seenOf(await bench.getMonitor("front")), status("Degraded", ["a"]));
    expect(await statusOf("front")).toEqual(status("Degraded", ["a"]));
    await writer.patchStatus("monitor-status-transition", HTTP_MONITORS, { ...seen, resourceVersion }, status("Healthy", ["c"]));
    expect(await statusOf("front")).toEqual(status("Healthy", ["c"]));
  });

  it("leave others' conditions alone", async () => {
    const seen = seenOf(await bench.createMonitor("front"));
    const theirs = { type: "Theirs", status: "True", reason: "R", message: "", lastTransitionTime: "2026-01-01T00:00:00Z" };
    await bench.client().request({
      action: "write their condition",
      method: "PATCH",
      path: objectPath(HTTP_MONITORS, seen, "status"),
      query: { fieldManager: "they" },
      patch: "merge",
      body: { status: { conditions: [theirs] } },
    });
    const ours = { ...theirs, type: "Ours" };
    await new KubeWriter(bench.client()).patchStatus("monitor-status-refresh", HTTP_MONITORS, seen, { conditions: [ours] });
    expect(listAt(await statusOf("front"), "conditions")).toEqual(expect.arrayContaining([theirs, ours]));
  });

  it("find out that the name belongs to another object now", async () => {
    const seen = { ...seenOf(await bench.createMonitor("front")), uid: "11111111-1111-4111-8111-111111111111" };
    const write = new KubeWriter(bench.client()).patchStatus("monitor-status-refresh", HTTP_MONITORS, seen, status("Healthy", []));
    await expect(write).rejects.toMatchObject({ code: "CONFLICT" });
  });
});

describe("finalizers", () => {
  it("are added once, also from a stale picture, beside those of others", async () => {
    const seen = seenOf(await bench.createMonitor("front"));
    await bench.patch(HTTP_MONITORS, "front", { metadata: { finalizers: ["other.example.com/x"] } });
    const writer = new KubeWriter(bench.client());
    await writer.addFinalizer(HTTP_MONITORS, seen, FINALIZER);
    await writer.addFinalizer(HTTP_MONITORS, seen, FINALIZER);
    expect(listAt(await bench.getMonitor("front"), "metadata", "finalizers")).toEqual(["other.example.com/x", FINALIZER]);
    await bench.patch(HTTP_MONITORS, "front", { metadata: { finalizers: [] } });
  });

  it("are removed from a stale picture without touching those of others, and an absent object is fine", async () => {
    const seen = { ...seenOf(await bench.createMonitor("front")), finalizers: [FINALIZER] };
    await bench.patch(HTTP_MONITORS, "front", { metadata: { finalizers: [FINALIZER, "other.example.com/x"] } });
    const writer = new KubeWriter(bench.client());
    await writer.removeFinalizer(HTTP_MONITORS, seen, FINALIZER);
    expect(listAt(await bench.getMonitor("front"), "metadata", "finalizers")).toEqual(["other.example.com/x"]);
    await writer.removeFinalizer(HTTP_MONITORS, { ...seen, name: "absent" }, FINALIZER);
    await bench.patch(HTTP_MONITORS, "front", { metadata: { finalizers: [] } });
  });

  it("are not set on another object that took the name", async () => {
    const seen = seenOf(await bench.createMonitor("front"));
    await bench.kube().kube.client.delete(objectPath(HTTP_MONITORS, seen).slice(1));
    await bench.createMonitor("front");
    expect(await new KubeWriter(bench.client()).addFinalizer(HTTP_MONITORS, seen, FINALIZER)).toBe(false);
    expect(listAt(await bench.getMonitor("front"), "metadata", "finalizers")).toEqual([]);
  });
});

async function wanted(data: Record<string, string>): Promise<WantedConfigMap> {
  const { uid } = seenOf((await bench.getMonitor("front")) ?? (await bench.createMonitor("front")));
  const owner = { apiVersion: HTTP_MONITORS.apiVersion, kind: HTTP_MONITORS.kind, name: "front", uid };
  return { namespace: bench.namespace(), name: "front-results", labels: { ours: "yes" }, withoutLabels: ["cut"], annotations: {}, owner, data };
}

describe("results ConfigMaps", () => {
  it("are made, and lose the keys that are left out", async () => {
    const maps = new ConfigMaps(bench.client());
    await maps.create(await wanted({ a: "1", b: "2" }));
    const stored = await maps.get({ namespace: bench.namespace(), name: "front-results" });
    expect(stored).toMatchObject({ data: { a: "1", b: "2" }, labels: { ours: "yes" }, ownerUids: [(await wanted({})).owner.uid] });
    await maps.apply(await wanted({ b: "3" }), { uid: stored?.uid ?? "" });
    expect(await maps.get({ namespace: bench.namespace(), name: "front-results" })).toMatchObject({ uid: stored?.uid, data: { b: "3" } });
  });

  it("lose the keys that somebody else added", async () => {
    const maps = new ConfigMaps(bench.client());
    await maps.create(await wanted({ a: "1" }));
    const place = { namespace: bench.namespace(), name: "front-results" };
    await bench.patch(CONFIG_MAPS, "front-results", { data: { a: "edited", foreign: "x" } });
    await maps.apply(await wanted({ a: "1" }), { uid: (await maps.get(place))?.uid ?? "" });
    expect((await maps.get(place))?.data).toEqual({ a: "1" });
  });

  it("lose a label of ours that came with their creation, and keep those of others", async () => {
    const maps = new ConfigMaps(bench.client());
    await maps.create({ ...(await wanted({ a: "1" })), labels: { ours: "yes", cut: "true" } });
    const place = { namespace: bench.namespace(), name: "front-results" };
    await bench.patch(CONFIG_MAPS, "front-results", { metadata: { labels: { theirs: "yes" } } });
    await maps.apply(await wanted({ a: "2" }), { uid: (await maps.get(place))?.uid ?? "" });
    expect(await maps.get(place)).toMatchObject({ labels: { ours: "yes", theirs: "yes" }, data: { a: "2" } });
    expect((await maps.get(place))?.labels).not.toHaveProperty("cut");
  });

  it("are not written by a version that is not the last one", async () => {
    const maps = new ConfigMaps(bench.client());
    await maps.create(await wanted({ a: "1" }));
    const place = { namespace: bench.namespace(), name: "front-results" };
    const seen = await maps.get(place);
    await bench.patch(CONFIG_MAPS, "front-results", { data: { a: "theirs" } });
    await expect(maps.apply(await wanted({ a: "2" }), seen ?? { uid: "" })).rejects.toMatchObject({ code: "CONFLICT" });
    expect((await maps.get(place))?.data).toEqual({ a: "theirs" });
  });

  it("never take over what somebody else put there meanwhile", async () => {
    const maps = new ConfigMaps(bench.client());
    await maps.create({ ...(await wanted({ a: "theirs" })), labels: {} });
    await expect(maps.create(await wanted({ a: "ours" }))).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
    await expect(maps.apply(await wanted({ a: "ours" }), { uid: "11111111-1111-4111-8111-111111111111" })).rejects.toMatchObject({ code: "CONFLICT", retryable: true });
    expect(await maps.get({ namespace: bench.namespace(), name: "front-results" })).toMatchObject({ data: { a: "theirs" } });
  });

  it("are not made again by the UID of one that is gone", async () => {
    const maps = new ConfigMaps(bench.client());
    await bench.createMonitor("front");
    await expect(maps.apply(await wanted({ a: "1" }), { uid: "11111111-1111-4111-8111-111111111111" })).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await maps.get({ namespace: bench.namespace(), name: "front-results" })).toBeUndefined();
  });

  it("are deleted only as the one that was seen, and twice is fine", async () => {
    const maps = new ConfigMaps(bench.client());
    await maps.create(await wanted({ a: "1" }));
    const name = { namespace: bench.namespace(), name: "front-results" };
    await maps.delete({ ...name, uid: "11111111-1111-4111-8111-111111111111" });
    const stored = await maps.get(name);
    expect(stored).toBeDefined();
    if (stored !== undefined) for (let time = 0; time < 2; time += 1) await maps.delete(stored);
    expect(await maps.get(name)).toBeUndefined();
  });
});

describe("events", () => {
  it("stand once, however often they are told", async () => {
    const object = seenOf(await bench.createMonitor("front"));
    const note: EventNote = { resource: HTTP_MONITORS, object, reason: "Unhealthy", message: "x".repeat(5000), at: Date.now(), identity: "1" };
    expect([await createEvent(bench.client(), note), await createEvent(bench.client(), note)]).toEqual([true, false]);
    expect(await createEvent(bench.client(), { ...note, identity: "2" })).toBe(true);
    const events = listAt(await bench.kube().kube.client.get(`api/v1/namespaces/${bench.namespace()}/events`), "items");
    expect(events.map((event) => [textAt(event, "reason"), textAt(event, "involvedObject", "uid")])).toEqual([["Unhealthy", object.uid], ["Unhealthy", object.uid]]);
  });
});
