import { type HTTPMonitor, parseHTTPMonitor } from "@sightline/shared/api";
import { silentLogger } from "@sightline/shared/telemetry";
import { ManualClock } from "@sightline/shared/testing";
import { Registry } from "prom-client";
import { afterEach, describe, expect, it } from "vitest";
import { monitor, uidOf } from "../testing/objects.ts";
import { ScriptedSource } from "../testing/scripted-source.ts";
import { KubeError } from "./errors.ts";
import { Informer } from "./informer.ts";
import { ControllerMetrics } from "./metrics.ts";
import type { ObjectPage } from "./list-pages.ts";

function object(name: string, version: number, uid = uidOf(name.length)): HTTPMonitor {
  return monitor({ metadata: { name, resourceVersion: String(version), uid } });
}

const unreadable = { metadata: { name: "bad", namespace: "shop", uid: uidOf(66), resourceVersion: "9" }, spec: {} };

let stopping: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(stopping.map((stop) => stop()));
  stopping = [];
});

interface SetUp {
  clock: ManualClock;
  source: ScriptedSource;
  informer: Informer<HTTPMonitor>;
  changes: string[];
  registry: Registry;
}

function setUp(): SetUp {
  const clock = new ManualClock();
  const source = new ScriptedSource(clock);
  const registry = new Registry();
  const informer = new Informer({ resource: "httpmonitor", source, parse: parseHTTPMonitor, clock, random: () => 0, logger: silentLogger, metrics: new ControllerMetrics(registry) });
  const changes: string[] = [];
  informer.onChange((key, found) => changes.push(`${key} ${found?.metadata.resourceVersion ?? "gone"}`));
  stopping.push(() => informer.stop());
  return { clock, source, informer, changes, registry };
}

const page = (items: unknown[], resourceVersion = "10"): ObjectPage[] => [{ items, resourceVersion, next: undefined }];
const broken = new KubeError("UNAVAILABLE", "connection reset", { retryable: true });
const silent = new KubeError("TIMEOUT", "no byte for 90 s", { retryable: true });
const gone = new KubeError("GONE", "too old resource version", { retryable: true });

describe("an informer", () => {
  it("is not synced before its first full list, then tells of each object", async () => {
    const { clock, source, informer, changes } = setUp();
    source.pages = () => [
      { items: [object("a", 1)], resourceVersion: "10", next: "2" },
      { items: [object("b", 2)], resourceVersion: "10", next: undefined },
    ];
    expect(informer.synced).toBe(false);
    informer.start();
    await informer.whenListed();
    await clock.advance(0);
    expect(informer.synced).toBe(true);
    expect(changes).toEqual(["shop/a 1", "shop/b 2"]);
    expect(source.watches).toEqual(["10"]);
    expect(informer.get("shop/b")?.metadata.name).toBe("b");
  });

  it("follows additions, changes and deletions", async () => {
    const { clock, source, informer, changes } = setUp();
    informer.start();
    await clock.advance(0);
    source.send("ADDED", object("a", 11));
    source.send("MODIFIED", object("a", 12));
    source.send("DELETED", object("a", 13));
    expect(changes).toEqual(["shop/a 11", "shop/a 12", "shop/a gone"]);
    expect(informer.all()).toEqual([]);
  });

  it("goes on from the last event or bookmark when a watch ends or breaks, without a new list", async () => {
    const { clock, source, informer } = setUp();
    informer.start();
    await clock.advance(0);
    source.send("ADDED", object("a", 11));
    source.end(broken);
    await clock.advance(2000);
    source.send("BOOKMARK", { metadata: { resourceVersion: "44" } });
    source.end();
    await clock.advance(0);
    expect(source.watches).toEqual(["1", "11", "44"]);
    expect(source.lists).toHaveLength(1);
    expect(informer.synced).toBe(true);
  });

  it("lists anew after the server was away, and takes everything in again when its versions went back", async () => {
    const { clock, source, informer, changes } = setUp();
    source.pages = () => page([object("a", 40)], "50");
    informer.start();
    await clock.advance(0);
    source.refuseWatch = broken;
    source.end(broken);
    await clock.advance(5000);
    source.refuseWatch = undefined;
    source.pages = () => page([object("a", 40)], "45");
    await clock.advance(30_000);
    expect(source.watches.at(-1)).toBe("45");
    expect(changes).toEqual(["shop/a 40", "shop/a 40"]);
  });

  it("lists again when the server has forgotten the version, and finds what it missed", async () => {
    const { clock, source, informer, changes } = setUp();
    source.pages = () => page([object("a", 1), object("b", 2)]);
    informer.start();
    await clock.advance(0);
    changes.length = 0;
    source.pages = () => page([object("a", 1), object("c", 30)], "50");
    source.end(gone);
    await clock.advance(2000);
    expect(changes).toEqual(["shop/c 30", "shop/b gone"]);
    expect(source.watches).toEqual(["10", "50"]);
    expect(informer.size).toBe(2);
  });

});

describe("an informer in trouble", () => {
  it("never gives up, backs off to under half a minute, and lists at most every 5 s while lists fail", async () => {
    const { clock, source, informer } = setUp();
    source.pages = () => {
      throw broken;
    };
    informer.start();
    await clock.advance(3_600_000);
    expect(informer.synced).toBe(false);
    const gaps = source.lists.slice(1).map((at, index) => at - (source.lists[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(20_000);
    expect(Math.min(...gaps.slice(1))).toBeGreaterThanOrEqual(5000);
    source.pages = () => page([object("a", 1)]);
    await clock.advance(20_000);
    expect(informer.synced).toBe(true);
    expect(informer.size).toBe(1);
  });

  it("keeps its distance between lists also when each watch is refused as too old", async () => {
    const { clock, source, informer } = setUp();
    source.refuseWatch = gone;
    informer.start();
    await clock.advance(60_000);
    const gaps = source.lists.slice(2).map((at, index) => at - (source.lists[index + 1] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(5000);
  });

  it("does not wait longer each time where something cuts watches that worked for a while", async () => {
    const { clock, source, informer } = setUp();
    informer.start();
    await clock.advance(0);
    for (let cut = 0; cut < 10; cut += 1) {
      await clock.advance(35_000);
      source.end(broken);
      await clock.advance(2000);
    }
    expect(source.watches).toHaveLength(11);
  });

  it("does not count a watch that it ended itself as heard", async () => {
    const { clock, source, informer } = setUp();
    informer.start();
    await clock.advance(80_000);
    source.pages = () => {
      throw broken;
    };
    void informer.refresh();
    await clock.advance(0);
    expect(informer.synced).toBe(false);
  });

  it("does not spin when the server ends every watch at once", async () => {
    const { clock, source, informer } = setUp();
    informer.start();
    for (let tick = 0; tick < 1000; tick += 1) {
      source.end();
      await clock.advance(10);
    }
    expect(source.watches.length).toBeLessThan(8);
    expect(informer.synced).toBe(true);
  });

  it.each([
    ["30 s after its watch broke that had just been opened", 0, broken, 30_000],
    ["30 s after its watch broke that had nothing to tell for long", 120_000, broken, 30_000],
    ["as soon as its watch is given up for its silence", 120_000, silent, 0],
  ])("is stale %s, and synced again when the watch is", async (_when, quietMs, error, staleMs) => {
    const { clock, source, informer } = setUp();
    informer.start();
    await clock.advance(quietMs);
    const { pages } = source;
    source.refuseWatch = broken;
    source.pages = () => {
      throw broken;
    };
    expect(informer.synced).toBe(true);
    source.end(error);
    await clock.advance(Math.max(0, staleMs - 1000));
    expect(informer.synced).toBe(staleMs > 0);
    await clock.advance(2000);
    expect(informer.synced).toBe(false);
    source.refuseWatch = undefined;
    source.pages = pages;
    await clock.advance(30_000);
    expect(informer.synced).toBe(true);
  });

  it("lists anew every ten minutes, so that events lost without a trace are found", async () => {
    const { clock, source, informer, changes } = setUp();
    informer.start();
    await clock.advance(0);
    source.pages = () => page([object("lost", 5)]);
    for (let minute = 0; minute < 15; minute += 5) {
      await clock.advance(300_000);
      source.end();
    }
    await clock.advance(0);
    expect(source.lists).toHaveLength(2);
    expect(changes).toEqual(["shop/lost 5"]);
  });

});

describe("an informer and its objects", () => {
  it("skips an object that it cannot read, counts it, and knows that it exists", async () => {
    const { clock, source, informer, changes, registry } = setUp();
    source.pages = () => page([unreadable, object("a", 1), "no object at all"]);
    informer.start();
    await clock.advance(0);
    expect(changes).toEqual(["shop/a 1"]);
    expect(informer.uids()).toEqual(new Set([uidOf(66), uidOf(1)]));
    expect(await registry.metrics()).toContain('sightline_unreadable_objects_total{resource_type="httpmonitor"} 1');
    source.send("DELETED", unreadable);
    expect(informer.uids()).toEqual(new Set([uidOf(1)]));
  });

  it("keeps the last readable version of an object that turned unreadable, also over a new list", async () => {
    const { clock, source, informer, changes } = setUp();
    source.pages = () => page([object("bad", 1, uidOf(66))]);
    informer.start();
    await clock.advance(0);
    source.send("MODIFIED", unreadable);
    source.pages = () => page([unreadable], "50");
    source.end(gone);
    await clock.advance(2000);
    expect(informer.get("shop/bad")?.metadata.resourceVersion).toBe("1");
    source.send("DELETED", unreadable);
    expect(changes).toEqual(["shop/bad 1", "shop/bad gone"]);
  });

  it("does not keep a version of another object of the same name", async () => {
    const { clock, source, informer, changes } = setUp();
    source.pages = () => page([object("bad", 1, uidOf(1))]);
    informer.start();
    await clock.advance(0);
    source.send("MODIFIED", unreadable);
    expect(changes).toEqual(["shop/bad 1", "shop/bad gone"]);
    expect(informer.uids()).toEqual(new Set([uidOf(66)]));
  });

  it("tells a late listener of what is there already", async () => {
    const { clock, source, informer } = setUp();
    source.pages = () => page([object("a", 1), object("b", 2)]);
    informer.start();
    await clock.advance(0);
    const seen: string[] = [];
    informer.onChange((key) => seen.push(key));
    expect(seen).toEqual(["shop/a", "shop/b"]);
  });

  it("lets no listener that throws stop the others", async () => {
    const { clock, source, informer } = setUp();
    informer.onChange(() => {
      throw new Error("a bad listener");
    });
    const seen: string[] = [];
    const unsubscribe = informer.onChange((key) => seen.push(key));
    informer.start();
    await clock.advance(0);
    source.send("ADDED", object("a", 11));
    unsubscribe();
    source.send("ADDED", object("b", 12));
    expect(seen).toEqual(["shop/a"]);
    expect(informer.size).toBe(2);
  });

  it("refreshes by a list that begins after it was asked to", async () => {
    const { clock, source, informer } = setUp();
    informer.start();
    await clock.advance(0);
    source.pages = () => page([object("a", 11)]);
    let refreshed = false;
    const waiting = informer.refresh().then(() => (refreshed = true));
    expect(refreshed).toBe(false);
    await clock.advance(5000);
    await waiting;
    expect(informer.size).toBe(1);
    expect(source.lists).toHaveLength(2);
  });

  it("releases everybody and leaves nothing behind when it is stopped", async () => {
    const { clock, source, informer } = setUp();
    source.pages = () => {
      throw broken;
    };
    informer.start();
    const waiting = [informer.whenListed(), informer.refresh()];
    await clock.advance(0);
    await informer.stop();
    await Promise.all(waiting);
    expect(clock.pending).toBe(0);
  });
});
