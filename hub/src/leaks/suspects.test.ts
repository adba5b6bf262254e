import { MONITOR_FINALIZER } from "@sightline/shared/api";
import { describe, expect, it } from "vitest";
import type { ObjectMetadata } from "../kube/metadata-list.ts";
import { HTTP_MONITORS } from "../kube/resources.ts";
import { uidOf } from "../testing/objects.ts";
import { heldObjects, orphanedAssignments, orphanedObjects } from "./suspects.ts";

const OURS = { apiVersion: "monitoring.example.com/v1", kind: "HTTPMonitor" };
const OWNERS = { uids: new Set([uidOf(1)]), hasMonitor: (key: string) => key === "shop/front", hubNamespace: "sightline-system" };

function object(change: Partial<ObjectMetadata>): ObjectMetadata {
  return { name: "x", namespace: "shop", uid: uidOf(9), labels: {}, owners: [], finalizers: [], ...change };
}

function named(monitorName: string): Record<string, string> {
  return { "httpmonitor.monitoring.example.com/name": monitorName };
}

describe("orphaned objects", () => {
  const there = { ...OURS, name: "front", uid: uidOf(1) };
  const gone = { ...OURS, name: "old", uid: uidOf(2) };
  const remade = { ...OURS, name: "front", uid: uidOf(3) };
  const foreign = { apiVersion: "apps/v1", kind: "Deployment", name: "d", uid: uidOf(4) };

  it.each<[string, Partial<ObjectMetadata>, RegExp | undefined]>([
    ["whose owner is there", { owners: [there] }, undefined],
    ["whose owner is gone", { owners: [gone] }, /^Its owner, HTTPMonitor old, is gone/],
    ["whose owner was made anew under its name", { owners: [remade] }, /HTTPMonitor front, is gone/],
    ["one of whose owners is there", { owners: [gone, there] }, undefined],
    ["of which others own a part", { owners: [foreign] }, undefined],
    ["whose owner is gone, beside a foreign one", { owners: [foreign, gone] }, /is gone/],
    ["that names its monitor by a label alone", { labels: named("front") }, undefined],
    ["whose monitor, by its label, is gone", { labels: named("old") }, /^Its HTTPMonitor old is gone/],
    ["that names nobody", {}, /names no owner/],
    ["of the hub itself", { namespace: "sightline-system" }, undefined],
  ])("%s", (_name, change, message) => {
    const [found] = orphanedObjects("secret", [object(change)], OWNERS);
    expect(found === undefined).toBe(message === undefined);
    if (message === undefined) return;
    expect(found).toMatchObject({ leak: "secret", name: "secret shop/x", event: { reason: "Orphaned" } });
    expect(found?.event.message).toMatch(message);
  });
});

describe("held objects", () => {
  const deletionTimestamp = "2026-01-01T00:00:00Z";

  it("are those that are being deleted, and that our finalizer holds", () => {
    const held = object({ name: "held", deletionTimestamp, finalizers: [MONITOR_FINALIZER, "other/finalizer"] });
    const foreign = object({ name: "foreign", deletionTimestamp, finalizers: ["other/finalizer"] });
    const alive = object({ name: "alive", finalizers: [MONITOR_FINALIZER] });
    expect(heldObjects(HTTP_MONITORS, [held, foreign, alive], MONITOR_FINALIZER)).toMatchObject([{ name: "httpmonitor shop/held", since: Date.parse(deletionTimestamp), event: { reason: "StuckFinalizer" } }]);
  });
});

describe("orphaned assignments", () => {
  it("are told on the hub's namespace, each by its UID", () => {
    const home = { name: "sightline-system", uid: uidOf(5) };
    expect(orphanedAssignments([uidOf(1), uidOf(2)], new Set([uidOf(1)]), home)).toMatchObject([{ id: `assignment ${uidOf(2)}`, event: { object: home, reason: "OrphanedAssignment" } }]);
  });
});
